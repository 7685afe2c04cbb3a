import { type JoinedPrompt, LeaseLostError, type OwnedChannel } from "@pilotlight/channels";
import type { Logger } from "@pilotlight/lifecycle";
import {
  AgentExitedError,
  AgentRequestError,
  type AgentSession,
  SessionUnavailableError,
} from "@pilotlight/sessions";
import type { EventWriter } from "./event-writer.ts";

/** Takes prompts that come while a turn runs into that turn. */
export interface Steering {
  /** Somebody wishes for it. `wish` is the value of the intent that says so. */
  follow(wish: string): void;
  /** The turn is over. Resolves when it is known of every prompt whether the turn has it. */
  close(): Promise<void>;
}

export interface SteeringOptions {
  readonly owned: OwnedChannel;
  readonly session: AgentSession;
  /** The prompt that the turn was begun for. */
  readonly turn: string;
  readonly writer: EventWriter;
  readonly log: Logger;
  /** Length of the answer so far (UTF-16 units). */
  answered(): number;
  /** Cancels the turn. */
  cancel(): void;
}

/**
 * A prompt becomes part of the turn in Redis before its bytes go to the agent: should the agent or the worker die then, the
 * recovered turn has it. It leaves the turn only where the agent certainly does not have it, or does not say.
 */
export function createSteering(options: SteeringOptions): Steering {
  const { owned, session, turn, writer, log } = options;
  let wish: string | undefined;
  let over = false;
  let working: Promise<void> | undefined;

  async function work(): Promise<void> {
    try {
      for (let followed = wish; followed !== undefined && !over; followed = wish) {
        wish = undefined;
        if (session.steers) {
          await sendAll();
        } else if (await owned.fallBack(turn)) {
          options.cancel();
        }
        await owned.clearIntent("steer", followed);
      }
    } catch (error) {
      if (!(error instanceof LeaseLostError)) {
        log.warn({ channel: owned.channel, err: error }, "could not take prompts into the turn");
      }
    } finally {
      working = undefined;
    }
  }

  async function sendAll(): Promise<void> {
    while (!over) {
      const joined = await owned.joinTurn(turn);
      if (joined === undefined) {
        return;
      }
      await send(joined);
    }
  }

  async function send({ promptId, prompt }: JoinedPrompt): Promise<void> {
    const outcome = over ? "unsent" : await outcomeOf(prompt);
    switch (outcome) {
      case "injected": {
        const textFrom = options.answered();
        const joined = { promptId, turn: { id: turn }, delivery: "injected", textFrom };
        writer.pushEvent({ type: "started", promptId, data: JSON.stringify(joined) });
        break;
      }
      case "lost":
        break;
      default:
        if (await owned.leaveTurn(turn, promptId, outcome)) {
          options.cancel();
        }
    }
  }

  /** `lost`: the agent is gone, and its turn is recovered with everything that is part of it. */
  async function outcomeOf(
    prompt: string,
  ): Promise<"injected" | "unsent" | "refused" | "unknown" | "lost"> {
    try {
      return (await session.steer([prompt])) === "injected" ? "injected" : "unsent";
    } catch (error) {
      if (error instanceof SessionUnavailableError) {
        return "unsent";
      }
      if (error instanceof AgentRequestError) {
        log.info({ channel: owned.channel, err: error }, "the agent did not take a prompt in");
        return "refused";
      }
      if (error instanceof AgentExitedError) {
        return "lost";
      }
      log.warn({ channel: owned.channel, err: error }, "a prompt may have been taken in");
      return "unknown";
    }
  }

  return {
    follow(value) {
      wish = value;
      working ??= work();
    },
    async close() {
      over = true;
      await working;
    },
  };
}
