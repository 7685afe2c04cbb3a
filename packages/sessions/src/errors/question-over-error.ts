import { PilotlightError } from "@pilotlight/contracts";

const MESSAGES = {
  turn_cancelled: "the turn was cancelled",
  turn_ended: "the turn ended",
  question_withdrawn: "the agent withdrew its question",
  visit_completed: "the agent says that the person was where it sent them",
  agent_gone: "the agent that asked is gone",
} as const;

/** Why a question is over without an answer: the reason of the signal that came with it. */
export type QuestionOverCode = keyof typeof MESSAGES;

export class QuestionOverError extends PilotlightError {
  declare readonly code: QuestionOverCode;

  constructor(code: QuestionOverCode, cause?: unknown) {
    super(code, MESSAGES[code], { cause });
  }
}
