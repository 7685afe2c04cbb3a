import {
  type GivenAnswer,
  type Grant,
  givenAnswerSchema,
  grantSchema,
  type QuestionState,
} from "@pilotlight/contracts";
import type { Redis } from "@pilotlight/redis";
import type { LiveSession } from "../live/live-session.ts";
import { runScript } from "../scripts.ts";
import type { ShownQuestion } from "./question-record.ts";
import { readGrants } from "./read-grants.ts";

export interface AskInput {
  readonly question: ShownQuestion;
  /** How long people have to answer. */
  readonly askMs: number;
  /** How long an "always" holds, should it be the answer that is there already. */
  readonly grantMs: number;
  /** The agent's session knows the conversation: an answer to the same question of an attempt before may be used. */
  readonly carry: boolean;
  /** The channel's grants do not allow it, as far as the caller has read them. */
  readonly grantsKnown: boolean;
  /** For people: what is waited for. */
  readonly reason: string;
  readonly live: LiveSession;
}

export type AskOutcome =
  /** Tells in how many ms it expires. */
  | { readonly at: "asked"; readonly expiresInMs: number }
  /** Somebody had answered it already. The agent is to be told: the answer counts as told. */
  | { readonly at: "carried"; readonly given: GivenAnswer }
  /** Nothing was asked: look first whether one of these allows it. */
  | { readonly at: "grants"; readonly grants: readonly Grant[] }
  /** The turn has as many open questions as it may, or does not run any more. */
  | { readonly at: "refused" };

export interface TakeInput {
  readonly promptId: string;
  readonly ids: readonly string[];
  /** How long an "always" holds. */
  readonly grantMs: number;
  /** Shown when nothing is waited for any more. */
  readonly live: LiveSession;
}

/** What became of a question. */
export type TakenQuestion =
  | { readonly at: "pending"; readonly expiresInMs: number }
  /** The agent is to be told: it counts as told. */
  | { readonly at: "answered"; readonly given: GivenAnswer }
  /** Nobody can answer it any more. */
  | { readonly at: Exclude<QuestionState, "pending" | "answered"> | "missing" };

/** An owner's part in what its agent asks people. Each call is fenced, and safe to repeat. */
export interface OwnedQuestions {
  ask(input: AskInput): Promise<AskOutcome>;
  /** What became of these questions, by their ids. What is answered is on the prompt's record before this resolves. */
  take(input: TakeInput): Promise<ReadonlyMap<string, TakenQuestion>>;
  /** What is allowed on the channel until further notice. */
  grants(): Promise<readonly Grant[]>;
  /** Nobody has to answer these any more. */
  close(promptId: string, ids: readonly string[], live: LiveSession): Promise<void>;
}

export interface OwnedQuestionsOptions {
  readonly redis: Redis;
  readonly holder: readonly [channel: string, worker: string, fence: string];
  readonly eventsPerChannel: number;
  persist<T>(write: () => Promise<T>): Promise<T>;
  /** @throws LeaseLostError */
  refuseStale(reply: string): void;
  confirmReplicas(): Promise<void>;
}

export function ownQuestions(options: OwnedQuestionsOptions): OwnedQuestions {
  const { redis, holder, eventsPerChannel, persist, refuseStale } = options;

  /** A failover must not forget what the agent was allowed. */
  async function keep(given: readonly GivenAnswer[]): Promise<void> {
    if (given.some(allows)) {
      await persist(options.confirmReplicas);
    }
  }

  return {
    async ask({ question, askMs, grantMs, carry, grantsKnown, reason, live }) {
      const [at = "", ...details] = await persist(() =>
        runScript<(string | number)[]>(redis, "ask-question", [
          ...holder,
          question.promptId,
          question.id,
          question.type,
          question.hash,
          Math.round(askMs),
          JSON.stringify(question),
          question.type === "permission" && question.always !== undefined
            ? JSON.stringify(question.always)
            : "",
          carry ? "1" : "",
          grantsKnown ? "1" : "",
          JSON.stringify(live),
          reason,
          Math.round(grantMs),
          eventsPerChannel,
        ]),
      );
      refuseStale(String(at));
      switch (at) {
        case "asked":
          return { at, expiresInMs: Number(details[0]) };
        case "carried": {
          const given = givenOf(String(details[0]));
          await keep([given]);
          return { at, given };
        }
        case "grants":
          return {
            at,
            grants: details.map((json) => grantSchema.parse(JSON.parse(String(json)))),
          };
        default:
          return { at: "refused" };
      }
    },

    async take({ promptId, ids, grantMs, live }) {
      const [at = "", ...flat] = await persist(() =>
        runScript<string[]>(redis, "take-answers", [
          ...holder,
          promptId,
          Math.round(grantMs),
          JSON.stringify(live),
          eventsPerChannel,
          ...ids,
        ]),
      );
      refuseStale(at);
      const taken = new Map<string, TakenQuestion>();
      for (let i = 0; i + 2 < flat.length; i += 3) {
        taken.set(flat[i] as string, takenOf(flat[i + 1] as string, flat[i + 2] as string));
      }
      await keep([...taken.values()].flatMap((one) => (one.at === "answered" ? [one.given] : [])));
      return taken;
    },

    grants: () => persist(() => readGrants(redis, holder[0])),

    async close(promptId, ids, live) {
      const reply = await persist(() =>
        runScript<string>(redis, "close-questions", [
          ...holder,
          promptId,
          JSON.stringify(live),
          eventsPerChannel,
          ...ids,
        ]),
      );
      refuseStale(reply);
    },
  };
}

function takenOf(state: string, detail: string): TakenQuestion {
  switch (state) {
    case "pending":
      return { at: "pending", expiresInMs: Number(detail) };
    case "answered":
      return { at: "answered", given: givenOf(detail) };
    case "expired":
    case "superseded":
    case "cancelled":
      return { at: state };
    default:
      return { at: "missing" };
  }
}

function givenOf(json: string): GivenAnswer {
  return givenAnswerSchema.parse(JSON.parse(json));
}

function allows({ answer }: GivenAnswer): boolean {
  return answer.at === "selected" && answer.kind.startsWith("allow");
}
