import { RequestError } from "@agentclientprotocol/sdk";

/** Messages that are sent into a running turn. */
export interface Steering {
  /** Aborted when a message came in: what is being said is cut. Another one after each `take`. */
  readonly signal: AbortSignal;
  /** Takes a message in, or says that the turn is over. */
  inject(text: string): boolean;
  /** The messages that came since the last time. None: from now on nothing is taken in any more. */
  take(): readonly string[];
}

export function createSteering(cancelled: AbortSignal): Steering {
  let cut = new AbortController();
  let waiting: string[] = [];
  let over = false;
  return {
    get signal() {
      return cut.signal;
    },
    inject(text) {
      if (over || cancelled.aborted) {
        return false;
      }
      waiting.push(text);
      cut.abort();
      return true;
    },
    take() {
      const taken = waiting;
      waiting = [];
      cut = new AbortController();
      over ||= taken.length === 0;
      return taken;
    },
  };
}

export interface SteerRequest {
  readonly sessionId: string;
  readonly text: string;
}

/** The parameters of `_session/steering`: `{sessionId, prompt}`, the prompt as in `session/prompt`. */
export function parseSteerRequest(params: unknown): SteerRequest {
  const { sessionId, prompt } = (params ?? {}) as {
    readonly sessionId?: unknown;
    readonly prompt?: unknown;
  };
  if (typeof sessionId !== "string" || !Array.isArray(prompt) || prompt.length === 0) {
    throw RequestError.invalidParams({}, "steering takes a sessionId and a prompt");
  }
  const texts = prompt.map((block: { readonly text?: unknown }) => String(block.text ?? ""));
  return { sessionId, text: texts.join("\n") };
}
