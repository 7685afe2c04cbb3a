import type { Redis } from "@pilotlight/redis";
import { z } from "zod";
import { keys } from "../keys.ts";
import { runScript } from "../scripts.ts";

/** A callback that one deliverer has taken, until its claim runs out. */
export interface ClaimedCallback {
  readonly promptId: string;
  /** Counts a prompt's callbacks from 1; with the prompt it names this one for good. */
  readonly number: number;
  readonly claim: string;
  /** How often it was tried and failed. */
  readonly failures: number;
  readonly url: string;
  readonly endpoint: string;
  readonly channel: string;
  readonly type: string;
  /** When it happened, Unix milliseconds. */
  readonly at: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What came of it. `failure` is shown on the prompt's record: it names neither URL nor address. */
export type FinishedCallback =
  | { readonly at: "delivered" }
  /** Given up; `ended` with all that its prompt has, and will have. */
  | { readonly at: "failed" | "ended"; readonly failure: CallbackFailureNote }
  | { readonly at: "again"; readonly failure: CallbackFailureNote; readonly inMs: number }
  /** It was not tried. */
  | { readonly at: "released" };

interface CallbackFailureNote {
  readonly code: string;
  readonly status?: number;
  readonly at: number;
}

export interface ClaimCallbacksInput {
  /** New with each call. */
  readonly name: string;
  readonly most: number;
  readonly mostOfEndpoint: number;
  /** Endpoints of which fewer may be taken now. */
  readonly places: ReadonlyMap<string, number>;
  readonly claimMs: number;
  /** How long one is tried before it is given up. */
  readonly giveUpMs: number;
}

/**
 * The callbacks that are not sent yet. Of each prompt the first alone can be taken, so that they go out in order; what is
 * taken and not finished in time can be taken again.
 */
export interface CallbackOutbox {
  /** `nextInMs` where another one is due later. */
  claim(
    input: ClaimCallbacksInput,
  ): Promise<{ readonly claimed: readonly ClaimedCallback[]; readonly nextInMs?: number }>;
  /** `lost` where its claim had run out and it is another one's, or over. Safe to repeat. */
  finish(
    callback: Pick<ClaimedCallback, "promptId" | "number" | "claim">,
    outcome: FinishedCallback,
  ): Promise<"ok" | "lost">;
  /** Told when there may be something to take; may be lost. Resolves once it listens. */
  onBell(listener: () => void): Promise<void>;
}

export interface CallbackOutboxOptions {
  readonly redis: Redis;
  readonly subscriber: Redis;
  write<T>(command: () => Promise<T>): Promise<T>;
}

const FIELDS = 8;
const eventSchema = z.object({
  type: z.string(),
  at: z.number(),
  data: z.record(z.string(), z.unknown()),
});

export function createCallbackOutbox(options: CallbackOutboxOptions): CallbackOutbox {
  const { redis, subscriber, write } = options;

  const finish: CallbackOutbox["finish"] = ({ promptId, number, claim }, outcome) =>
    write(() =>
      runScript(redis, "finish-callback", [
        promptId,
        number,
        claim,
        outcome.at,
        "failure" in outcome ? JSON.stringify(outcome.failure) : "",
        outcome.at === "again" ? Math.round(outcome.inMs) : 0,
      ]),
    );

  return {
    finish,

    async claim({ name, most, mostOfEndpoint, places, claimMs, giveUpMs }) {
      const [nextInMs, flat] = await write(() =>
        runScript<[number, string[]]>(redis, "claim-callbacks", [
          name,
          most,
          mostOfEndpoint,
          claimMs,
          giveUpMs,
          ...[...places].flat(),
        ]),
      );
      const claimed: ClaimedCallback[] = [];
      for (let i = 0; i < flat.length; i += FIELDS) {
        const { taken, event } = decodeClaimed(flat.slice(i, i + FIELDS));
        if (event === undefined) {
          // Never to be sent, and nothing of its prompt would be before it is out of the way.
          const failure = { code: "unreadable", at: Date.now() };
          await finish(taken, { at: "failed", failure });
        } else {
          claimed.push({ ...taken, ...event });
        }
      }
      return nextInMs < 0 ? { claimed } : { claimed, nextInMs };
    },

    async onBell(listener) {
      subscriber.on("message", (key: string) => {
        if (key === keys.callbacksBell) {
          listener();
        }
      });
      await subscriber.subscribe(keys.callbacksBell);
    },
  };
}

function decodeClaimed(parts: readonly string[]) {
  const [promptId = "", number, claim = "", failures, url = "", endpoint = "", channel = "", json] =
    parts;
  const taken = {
    promptId,
    number: Number(number),
    claim,
    failures: Number(failures),
    url,
    endpoint,
    channel,
  };
  return { taken, event: decodeEvent(json ?? "") };
}

function decodeEvent(json: string): z.output<typeof eventSchema> | undefined {
  try {
    return eventSchema.safeParse(JSON.parse(json)).data;
  } catch {
    return undefined; // Not even JSON.
  }
}
