import { type ReceivedEvent, readEvents } from "@pilotlight/testkit";

export interface FollowOptions {
  /** How the violations call it. */
  readonly name: string;
  /** Pieces of the answer that are heard before `kill` is called. */
  readonly heardBefore: number;
  /** The answer of a whole attempt; left out where nobody waits for the end. */
  readonly whole?: string;
  /**
   * What tells a second attempt from the first: an event that says so, or only that the answer begins again.
   */
  readonly attempts: "announced" | "repeated";
  /** Gives when it was done (ms of `performance.now`). */
  kill(): Promise<number>;
}

export interface Failover {
  /** From the kill to the first piece of the next attempt at the client. */
  readonly ms: number;
  readonly violations: readonly string[];
}

/** Follows one streamed answer over a kill, on the same stream: to its end, or to the next attempt's first piece. */
export async function followTurn(response: Response, options: FollowOptions): Promise<Failover> {
  const { name, whole } = options;
  let heard = 0;
  let attempts = options.attempts === "announced" ? 0 : 1;
  let first: string | undefined;
  let text = "";
  let end = "none";
  let killedAtMs: Promise<number> | undefined;
  let nextAtMs: number | undefined;
  const ids: string[] = [];
  for await (const event of readEvents(response)) {
    ids.push(event.id);
    end = event.type;
    const piece = pieceOf(event);
    const begins = options.attempts === "announced" ? event.type === "started" : piece === first;
    if (begins && piece !== "") {
      attempts += 1;
      text = "";
    }
    if (piece === undefined) {
      continue;
    }
    first ??= piece;
    heard += 1;
    text += piece;
    if (attempts === 2 && nextAtMs === undefined) {
      nextAtMs = event.atMs;
      if (whole === undefined) {
        break;
      }
    }
    if (heard >= options.heardBefore) {
      killedAtMs ??= options.kill();
    }
  }
  return {
    ms: (nextAtMs ?? Number.NaN) - ((await killedAtMs) ?? Number.NaN),
    violations: [
      ...(nextAtMs === undefined ? [`${name}: nothing came after the kill`] : []),
      ...(attempts === 2 ? [] : [`${name}: ${attempts} attempts`]),
      ...(whole === undefined || end === "completed" ? [] : [`${name}: it ended with ${end}`]),
      ...(whole === undefined || text === whole
        ? []
        : [`${name}: the last attempt's answer is not whole`]),
      ...(repeats(ids) ? [`${name}: an event came twice`] : []),
    ],
  };
}

function pieceOf({ data }: ReceivedEvent): string | undefined {
  const update = data.update as { sessionUpdate?: string; content?: { text?: string } } | undefined;
  return update?.sessionUpdate === "agent_message_chunk" ? update.content?.text : undefined;
}

/** Only the product's events have ids. */
function repeats(ids: readonly string[]): boolean {
  const named = ids.filter((id) => id !== "");
  return new Set(named).size !== named.length;
}
