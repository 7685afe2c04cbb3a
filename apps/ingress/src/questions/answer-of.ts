import type { ShownQuestion } from "@pilotlight/channels";
import type { AnswerRequest, OptionKind, QuestionAnswer } from "@pilotlight/contracts";
import { chooseOption } from "@pilotlight/permissions";
import { HttpProblem } from "../http/http-problem.ts";
import { checkForm } from "./check-form.ts";

type Permission = Extract<ShownQuestion, { type: "permission" }>;

/**
 * What a request answers to this question.
 *
 * @throws HttpProblem `shown_differs`, `unknown_option`, `invalid_answer`, or what is wrong with a form's field
 */
export function answerOf(question: ShownQuestion, request: AnswerRequest): QuestionAnswer {
  if (request.hash !== undefined && request.hash !== question.hash) {
    throw shownDiffers();
  }
  if (question.type === "permission") {
    return selectedOf(question, request);
  }
  switch (request.action) {
    case "accept":
      return question.form === undefined
        ? { at: "accepted" }
        : { at: "accepted", content: checkForm(question.form, request.content ?? {}) };
    case "decline":
      return { at: "declined" };
    default:
      throw new HttpProblem(
        "invalid_answer",
        "An elicitation is answered with an action: accept or decline.",
      );
  }
}

/** By id, or by what it means: ids differ between agents. */
function selectedOf(question: Permission, { optionId, decision }: AnswerRequest): QuestionAnswer {
  const wanted =
    optionId === undefined
      ? decision
      : question.options.find((option) => option.optionId === optionId)?.kind;
  if (wanted === undefined) {
    throw optionId === undefined
      ? new HttpProblem("invalid_answer", "A permission is answered with optionId or decision.")
      : unknownOption(question);
  }
  const sent = sentFor(question, wanted);
  if (sent === undefined) {
    throw unknownOption(question);
  }
  // Of two options of one kind the one that was named is meant.
  const id = optionId !== undefined && wanted !== "allow_always" ? optionId : sent.optionId;
  return { at: "selected", optionId: id, kind: wanted };
}

/** "Always" is a grant of ours, where there is something that it could cover; the agent is told "once" where it takes that. */
function sentFor({ options, always }: Permission, wanted: OptionKind) {
  if (wanted === "allow_always") {
    return always === undefined ? undefined : chooseOption(options, wanted);
  }
  return options.find(({ kind }) => kind === wanted);
}

function unknownOption(question: Permission): HttpProblem {
  const { options } = question;
  const offered = options.map(({ optionId, kind }) => `${optionId} (${kind})`);
  const isNamed = options.some(({ kind }) => kind === "allow_always");
  if (!isNamed && sentFor(question, "allow_always") !== undefined) {
    offered.push("decision allow_always");
  }
  return new HttpProblem("unknown_option", `This was not offered; ${offered.join(", ")} was.`);
}

export function shownDiffers(): HttpProblem {
  return new HttpProblem(
    "shown_differs",
    "The answer was given to something else than what is asked: look at it again.",
  );
}
