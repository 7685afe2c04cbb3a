import { setTimeout as sleep } from "node:timers/promises";
import { withDeadline } from "@pilotlight/lifecycle";
import type { Gateway } from "../arms/gateway.ts";
import { streamPrompt } from "../harness/stream-prompt.ts";

export interface LoadedPrompt {
  readonly channel: string;
  readonly sent: string;
  /** What the agent said, or undefined where the prompt failed. */
  readonly heard?: string;
  /** From when it was due to its first token at the client (ms). */
  readonly firstTokenMs?: number;
  readonly failure?: string;
}

const ANSWERED_MS = 60_000;

/** Arrivals (Poisson) that do not wait for answers, over the channels in turn, for as long as `during` takes. */
export async function runLoad(
  gateway: Gateway,
  channels: readonly string[],
  options: { readonly ratePerSecond: number; readonly random: () => number; readonly name: string },
  during: () => Promise<unknown>,
): Promise<readonly LoadedPrompt[]> {
  const prompts: Promise<LoadedPrompt>[] = [];
  let over = false;
  const done = during().finally(() => {
    over = true;
  });
  done.catch(() => undefined); // told below
  for (let dueMs = performance.now(), i = 0; !over; i += 1) {
    dueMs += (-Math.log(1 - options.random()) * 1000) / options.ratePerSecond;
    const waitMs = dueMs - performance.now();
    if (waitMs >= 1) {
      await sleep(waitMs);
    }
    const channel = channels[i % channels.length] ?? "";
    prompts.push(send(gateway, channel, `${options.name} prompt ${i}`, dueMs));
  }
  await done;
  return await Promise.all(prompts);
}

/** One prompt; that it fails is a finding and no error. */
export async function send(
  gateway: Gateway,
  channel: string,
  sent: string,
  dueMs = performance.now(),
): Promise<LoadedPrompt> {
  const lateMs = Math.max(0, performance.now() - dueMs);
  const late = () => new Error(`no answer in ${ANSWERED_MS} ms`);
  try {
    const answer = await withDeadline(
      streamPrompt(gateway.target(channel), sent),
      ANSWERED_MS,
      late,
    );
    return { channel, sent, heard: answer.text, firstTokenMs: lateMs + answer.firstTokenMs };
  } catch (error) {
    return { channel, sent, failure: String(error) };
  }
}
