import { countOf } from "../parse-prompt.ts";
import type { Turn } from "../turn.ts";
import { askPermission } from "./ask-permission.ts";
import { planCall } from "./planned-call.ts";
import type { Step } from "./step.ts";

/** `[[permission KIND TARGET...]]`: tells of a tool call and asks for it; where it is allowed, it does it. */
export const permission: Step = async (turn, [kind = "edit", ...target]) => {
  await turn.say(await askAndAct(turn, `Permission to ${kind}`, kind, target));
};

/** `[[permissions N KIND TARGET...]]`: asks for N tool calls at once; the names of their files begin with their numbers. */
export const permissions: Step = async (turn, [count, kind = "edit", target, ...more]) => {
  const numbers = Array.from({ length: countOf(count, 2, 100) }, (_, index) => index + 1);
  const answers = numbers.map((number) =>
    askAndAct(turn, `Permission ${number} to ${kind}`, kind, [
      ...(target === undefined ? [] : [kind === "execute" ? target : `${number}-${target}`]),
      ...more,
    ]),
  );
  await turn.say((await Promise.all(answers)).join(" "));
};

/** What came of it, as a sentence. Rejects when the turn was cancelled meanwhile. */
async function askAndAct(
  turn: Turn,
  what: string,
  kind: string,
  target: readonly string[],
): Promise<string> {
  const { toolCall, perform } = planCall(turn.conversation.cwd, kind, target);
  await turn.send({ sessionUpdate: "tool_call", ...toolCall });
  const answer = await askPermission(turn, toolCall);
  const allowed = answer === "allow_once" || answer === "allow_always";
  if (allowed) {
    perform();
  }
  const { toolCallId } = toolCall;
  const status = allowed ? "completed" : "failed";
  await turn.send({ sessionUpdate: "tool_call_update", toolCallId, status });
  turn.signal.throwIfAborted();
  return `${what}: ${allowed ? "allowed" : "not allowed"} (${answer}).`;
}
