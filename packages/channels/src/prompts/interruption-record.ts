import {
  INTERRUPTION_POLICIES,
  type InterruptionPolicy,
  type QuestionType,
} from "@pilotlight/contracts";
import type { Redis } from "@pilotlight/redis";
import { z } from "zod";
import { keys } from "../keys.ts";
import { waitsForAnswer } from "../questions/waits-for-answer.ts";
import { repliesOf } from "../replies-of.ts";

/** What the journal knows about an attempt that was dispatched and not settled. */
export interface Interruption {
  /** The fence it was dispatched under. */
  readonly fence: string;
  /** Every attempt ran with an agent that asks before it changes anything, under a policy that grants nothing by itself. */
  readonly guarded: boolean;
  /** Permissions that were granted to the prompt. */
  readonly grants: number;
  /** How often it was recovered without a person. */
  readonly recoveries: number;
  readonly idempotent: boolean;
  /** Its agent waited for a person's answer. */
  readonly waitedFor?: QuestionType;
  /** Somebody wants it cancelled: a person, or a prompt that interrupts it. */
  readonly cancelled: boolean;
  /** The prompt's own, else the channel's. */
  readonly policy?: InterruptionPolicy;
}

const policySchema = z.enum(INTERRUPTION_POLICIES).optional();

/** Undefined where the prompt is not running: nothing is to be recovered. */
export async function readInterruption(
  redis: Redis,
  channel: string,
  promptId: string,
): Promise<Interruption | undefined> {
  const pipeline = redis.pipeline();
  pipeline.hmget(keys.prompt(promptId), "st", "df", "gu", "gn", "rc", "ip", "oi", "wf", "ib");
  pipeline.hget(keys.channel(channel), "oi");
  pipeline.hget(keys.intent(channel), "cancel");
  const [record, ofChannel, cancel] = repliesOf(await pipeline.exec()) as [
    (string | null)[],
    string | null,
    string | null,
  ];
  const [state, fence, guarded, grants, recoveries, idempotent, own, waitingFor, interrupter] =
    record;
  const waitedFor = state === "waiting" && waitsForAnswer(waitingFor) ? waitingFor : undefined;
  if ((state !== "running" && waitedFor === undefined) || fence == null) {
    return undefined;
  }
  const policy = policySchema.parse(own ?? ofChannel ?? undefined);
  return {
    fence,
    guarded: guarded === "1",
    grants: Number(grants ?? 0),
    recoveries: Number(recoveries ?? 0),
    idempotent: idempotent === "1",
    ...(waitedFor === undefined ? {} : { waitedFor }),
    cancelled: interrupter != null || cancel === promptId,
    ...(policy === undefined ? {} : { policy }),
  };
}
