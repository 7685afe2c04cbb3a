import type { Question, QuestionState } from "@pilotlight/contracts";
import type { Entry, ShownStatus } from "../queues/queue-source.ts";
import { shorten, type TextLength } from "./shorten.ts";

/** Where the board lists a question; of those that are closed only one is seen, by its link. */
const STATUS_OF_QUESTION: Readonly<Record<QuestionState, ShownStatus>> = {
  pending: "waiting",
  answered: "completed",
  expired: "failed",
  superseded: "failed",
  cancelled: "failed",
};

/** What an agent asks people: as they are shown it on the left, what became of it on the right. */
export function questionEntry(question: Question, length: TextLength): Entry {
  const { id, channel, promptId, agent, state, askedAt, closedAt, given, supersededBy } = question;
  const what = question.type === "permission" ? question.toolCall.title : question.message;
  return {
    status: STATUS_OF_QUESTION[state],
    json: {
      id,
      name: `${channel} · ${shorten(what, "short")}`,
      timestamp: askedAt,
      processedOn: null,
      finishedOn: closedAt ?? null,
      progress: 0,
      attemptsMade: 0,
      data: { channel, promptId, agent, state, ...askedOf(question, length) },
      returnvalue:
        given === undefined && supersededBy === undefined
          ? null
          : {
              ...(given === undefined ? {} : { given }),
              ...(supersededBy === undefined ? {} : { supersededBy }),
            },
      failedReason: STATUS_OF_QUESTION[state] === "failed" ? state : "",
      stacktrace: [],
      opts: { expiresAt: new Date(question.expiresAt).toISOString() },
    },
  };
}

function askedOf(question: Question, length: TextLength): Record<string, unknown> {
  if (question.type === "elicitation") {
    const { message, form, url } = question;
    return {
      message: shorten(message, length),
      ...(form === undefined ? {} : { form }),
      ...(url === undefined ? {} : { url }),
    };
  }
  const { toolCall, options, always } = question;
  return {
    toolCall: {
      ...toolCall,
      title: shorten(toolCall.title, length),
      ...(toolCall.command === undefined ? {} : { command: shorten(toolCall.command, length) }),
      ...(toolCall.input === undefined ? {} : { input: shorten(toolCall.input, length) }),
    },
    options: options.map(({ name, kind }) => `${name} (${kind})`),
    ...(always === undefined ? {} : { always: always.description }),
  };
}
