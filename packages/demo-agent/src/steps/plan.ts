import { countOf } from "../parse-prompt.ts";
import type { Turn } from "../turn.ts";
import type { Step } from "./step.ts";

/** `[[plan N]]`: a plan of N entries, each of them begun and completed. */
export const plan: Step = async (turn, args) => {
  const count = countOf(args[0], 3, 100);
  const contents = Array.from({ length: count }, (_, index) => `Step ${index + 1} of ${count}`);
  for (let done = 0; done <= count; done += 1) {
    turn.signal.throwIfAborted();
    await sendPlan(turn, contents, done);
  }
};

/** The plan with its first `done` entries completed and the next one in progress. */
export async function sendPlan(
  turn: Turn,
  contents: readonly string[],
  done: number,
): Promise<void> {
  await turn.send({
    sessionUpdate: "plan",
    entries: contents.map((content, index) => ({
      content,
      priority: "medium",
      status: index < done ? "completed" : index === done ? "in_progress" : "pending",
    })),
  });
}
