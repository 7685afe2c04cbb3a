import {
  type Grant,
  type Question,
  type QuestionAnswer,
  type QuestionState,
  type QuestionType,
  questionSchema,
} from "@pilotlight/contracts";
import type { Redis } from "@pilotlight/redis";
import type { Page } from "../channels-client.ts";
import type { StoreCalls } from "../schedules/schedule-store.ts";
import { runScript } from "../scripts.ts";
import { canonicalAnswer } from "./canonical-answer.ts";
import type { ShownQuestion } from "./question-record.ts";
import { readGrants } from "./read-grants.ts";
import { listQuestions, readQuestion } from "./read-questions.ts";
import type { ShownQuestions } from "./shown-questions.ts";

export interface QuestionFilter {
  readonly channel?: string;
  readonly promptId?: string;
  readonly type?: QuestionType;
  readonly state?: QuestionState;
  /** 1 to 200. */
  readonly limit: number;
  /** As an earlier page with the same `state` named it. */
  readonly cursor?: string;
}

export interface AnswerInput {
  readonly answer: QuestionAnswer;
  /** Id of the API key. */
  readonly by: string;
  /** The question's `hash`, where the answer is bound to what was shown. */
  readonly hash?: string;
}

/** What became of an answer; `question` as it is now. */
export type AnswerOutcome =
  | {
      readonly at:
        | "answered"
        /** The same was answered before: by whom and when is in `given`. */
        | "same"
        /** Something else was answered before. */
        | "other"
        /** Nobody answered in time. */
        | "expired"
        /** It is not asked any more: its turn is over, or the agent that asked is gone. */
        | "over"
        /** The question is about something else than what was shown under this hash. */
        | "differs";
      readonly question: Question;
    }
  | { readonly at: "missing" };

/** What people do with what agents ask them. */
export interface QuestionStore {
  list(filter: QuestionFilter): Promise<Page<Question>>;
  /** Questions are kept for a day after they are closed. */
  get(id: string): Promise<Question | undefined>;
  /** What of it never changes: from memory where it lately came by in a stream. */
  shown(id: string): Promise<ShownQuestion | undefined>;
  /** The first answer counts. The caller has looked whether it fits the question. */
  answer(id: string, input: AnswerInput): Promise<AnswerOutcome>;
  /** What is allowed on the channel until further notice; those that expire first come first. */
  listGrants(channel: string): Promise<readonly Grant[]>;
  revokeGrant(channel: string, id: string): Promise<"revoked" | "missing">;
}

export function createQuestionStore(
  redis: Redis,
  known: ShownQuestions,
  limits: { readonly eventsPerChannel: number },
  { read, write }: StoreCalls,
): QuestionStore {
  return {
    list: (filter) => read(() => listQuestions(redis, filter)),
    get: (id) => read(() => readQuestion(redis, id)),
    shown: async (id) => known.get(id) ?? (await read(() => readQuestion(redis, id))),
    answer: (id, { answer, by, hash = "" }) =>
      write(async () => {
        const [at = "", json = ""] = await runScript<string[]>(redis, "answer-question", [
          id,
          canonicalAnswer(answer),
          by,
          hash,
          limits.eventsPerChannel,
        ]);
        return at === "missing"
          ? { at }
          : {
              at: at as Exclude<AnswerOutcome["at"], "missing">,
              question: questionSchema.parse(JSON.parse(json)),
            };
      }),
    listGrants: (channel) => read(() => readGrants(redis, channel)),
    revokeGrant: (channel, id) =>
      write(async () =>
        (await runScript<number>(redis, "revoke-grant", [channel, id])) === 1
          ? "revoked"
          : "missing",
      ),
  };
}
