import type { BoardStore, Picture } from "@pilotlight/channels";
import { isQuestionId } from "@pilotlight/contracts";
import { questionEntry } from "../entries/question-entry.ts";
import { QUESTIONS_QUEUE } from "./queue-names.ts";
import type { QueueSource } from "./queue-source.ts";

/** What agents ask people, those questions first that expire first. They are answered elsewhere: the board only reads. */
export function questionsSource(store: BoardStore, { questions }: Picture): QueueSource {
  return {
    name: QUESTIONS_QUEUE,
    title: "questions",
    description:
      questions === 0 ? "nobody is asked anything" : "waiting: answer with `pilotlight answer ID`",
    statuses: ["waiting"],
    counts: { waiting: questions },

    async list(_status, start, count) {
      if (questions === 0) {
        return [];
      }
      const page = await store.listQuestions(start, count);
      return page.map((question) => questionEntry(question, "short"));
    },

    async find(id) {
      const question = isQuestionId(id) ? await store.getQuestion(id) : undefined;
      return question === undefined ? undefined : questionEntry(question, "full");
    },

    async log() {
      return [];
    },
  };
}
