import {
  type ChannelsClient,
  type EnqueueInput,
  StoreUnavailableError,
} from "@pilotlight/channels";
import type { EnqueueResponse, Prompt } from "@pilotlight/contracts";
import { HttpProblem } from "../http/http-problem.ts";
import { problemOf } from "../http/problem-of.ts";
import { promptLinks } from "./prompt-links.ts";

export type AcceptedPrompt =
  | { readonly at: "new"; readonly response: EnqueueResponse }
  /** The same request came before; `prompt` is what became of it. */
  | { readonly at: "replayed"; readonly response: EnqueueResponse; readonly prompt: Prompt };

const RETRY_SECS = 5;

/**
 * Hands the prompt in. A repeated request is answered as the first one was.
 *
 * @throws HttpProblem where it was not accepted, or where nobody knows
 */
export async function acceptPrompt(
  client: ChannelsClient,
  input: EnqueueInput,
): Promise<AcceptedPrompt> {
  const outcome = await enqueue(client, input);
  switch (outcome.at) {
    case "accepted":
      return { at: "new", response: responseOf(input, outcome.seq, outcome.position) };
    case "duplicate": {
      const { prompt, position } = outcome;
      return { at: "replayed", prompt, response: responseOf(input, prompt.seq, position) };
    }
    case "reused":
      throw new HttpProblem(
        "idempotency_key_reused",
        "This Idempotency-Key came with another body before; a new prompt needs a new key.",
      );
    case "channel-full":
      throw new HttpProblem(
        "queue_full",
        `${outcome.depth} prompts of this channel are waiting; ${outcome.limit} may.`,
        { limit: outcome.limit, actual: outcome.depth, retryAfter: RETRY_SECS },
      );
    case "store-full":
      throw new HttpProblem(
        "overloaded",
        `${outcome.depth} prompts are waiting altogether; ${outcome.limit} may.`,
        { limit: outcome.limit, actual: outcome.depth, retryAfter: RETRY_SECS },
      );
  }
}

async function enqueue(
  client: ChannelsClient,
  input: EnqueueInput,
): ReturnType<ChannelsClient["enqueue"]> {
  try {
    return await client.enqueue(input);
  } catch (error) {
    if (error instanceof StoreUnavailableError && error.outcome === "unknown") {
      const { message, extras } = problemOf(error);
      throw new HttpProblem("store_unavailable", message, { ...extras, promptId: input.id });
    }
    throw error;
  }
}

function responseOf(input: EnqueueInput, seq: number, position: number): EnqueueResponse {
  const { id, channel } = input;
  return { id, channel, state: "accepted", seq, position, links: promptLinks(id) };
}
