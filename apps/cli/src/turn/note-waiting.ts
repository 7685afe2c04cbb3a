import { setTimeout as sleep } from "node:timers/promises";
import type { PilotlightClient } from "@pilotlight/client";

export interface Waiting {
  readonly channel: string;
  /** Ends when the turn begins. */
  readonly signal: AbortSignal;
  note(text: string): void;
}

const LOOK_EVERY_MS = 500;

/** Says what a prompt waits for, each time that changes, until its turn begins. A warm channel gets nothing to read. */
export async function noteWaiting(client: PilotlightClient, waiting: Waiting): Promise<void> {
  const { channel, signal, note } = waiting;
  let last = "";
  while (!signal.aborted) {
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {
      // The turn begins: the loop sees it.
    });
    const reason = signal.aborted ? undefined : await reasonToWait(client, channel, signal);
    if (reason !== undefined && reason !== last && !signal.aborted) {
      note(`  ${reason}`);
      last = reason;
    }
  }
}

async function reasonToWait(
  client: PilotlightClient,
  channel: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const [session] = await client.listSessions(channel, { signal });
    if (session?.state === "warming") {
      return `opening ${session.agent} session…`;
    }
    if (session?.state === "degraded") {
      return `${session.agent} cannot be started at the moment`;
    }
    if (session === undefined && (await client.listWorkers({ signal })).length === 0) {
      return "no worker is running: the prompt waits until one is";
    }
  } catch {
    // Only a note is lost; the stream of the turn says what is wrong.
  }
  return undefined;
}
