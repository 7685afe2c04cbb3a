import { countOf } from "../parse-prompt.ts";
import { askPermission } from "./ask-permission.ts";
import { askElicitation, formOf } from "./elicit.ts";
import { planCall } from "./planned-call.ts";
import type { Step } from "./step.ts";

const MAX_LATE_MS = 60_000;

/** `[[late-update MS]]`: a chunk that comes after the turn's answer. */
export const lateUpdate: Step = async (turn, args) => {
  turn.atEnd(() => {
    setTimeout(
      () => {
        void turn.send({
          sessionUpdate: "agent_message_chunk",
          content: { type: "text", text: "too late" },
        });
      },
      countOf(args[0], 50, MAX_LATE_MS),
    );
  });
};

/** `[[late-permission MS]]`: asks when no turn runs; the outcome goes to stderr. */
export const latePermission: Step = async (turn, args) => {
  turn.atEnd(() => {
    setTimeout(
      () => {
        const { toolCall } = planCall(turn.conversation.cwd, "edit", ["late.txt"]);
        void askPermission(turn, toolCall).then((answer) =>
          process.stderr.write(`late permission: ${answer}\n`),
        );
      },
      countOf(args[0], 50, MAX_LATE_MS),
    );
  });
};

/** `[[late-elicit MS]]`: asks a person when no turn runs; what came goes to stderr. */
export const lateElicit: Step = async (turn, args) => {
  turn.atEnd(() => {
    setTimeout(
      () => {
        void askElicitation(turn, formOf(turn, ["name"])).then((answer) =>
          process.stderr.write(`late: ${answer}\n`),
        );
      },
      countOf(args[0], 50, MAX_LATE_MS),
    );
  });
};
