import type { QuestionType } from "@pilotlight/contracts";

/** Whether what a prompt in state `waiting` waits for is a person's answer to its agent: then its turn runs. */
export function waitsForAnswer(waitingFor: string | null | undefined): waitingFor is QuestionType {
  return waitingFor === "permission" || waitingFor === "elicitation";
}
