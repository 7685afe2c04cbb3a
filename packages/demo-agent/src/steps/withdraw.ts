import { countOf } from "../parse-prompt.ts";
import { askPermission } from "./ask-permission.ts";
import { askElicitation, formOf } from "./elicit.ts";
import { planCall } from "./planned-call.ts";
import type { Step } from "./step.ts";

const MAX_DELAY_MS = 60_000;

/** `[[withdraw permission|elicit MS]]`: asks, and takes the question back after MS (`$/cancel_request`). */
export const withdraw: Step = async (turn, [what, ms]) => {
  const takeBack = AbortSignal.timeout(countOf(ms, 50, MAX_DELAY_MS));
  const answer =
    what === "elicit"
      ? await askElicitation(turn, formOf(turn, ["name"]), takeBack)
      : await askPermission(
          turn,
          planCall(turn.conversation.cwd, "edit", ["withdrawn.txt"]).toolCall,
          takeBack,
        );
  turn.signal.throwIfAborted();
  await turn.say(`Withdrawn: ${answer}`);
};
