import { setInterval } from "node:timers/promises";
import type { Step } from "./step.ts";

/** `[[hang silent|deaf|chatty|frozen]]`: the turn does not end by itself; README.md says how each one hangs. */
export const hang: Step = async (turn, args) => {
  const mode = args[0] ?? "silent";
  if (mode === "frozen") {
    process.kill(process.pid, "SIGSTOP");
    return;
  }
  for await (const _ of setInterval(50)) {
    if (mode === "silent") {
      turn.signal.throwIfAborted();
    }
    if (mode === "chatty") {
      await turn.send({
        sessionUpdate: "agent_message_chunk",
        content: { type: "text", text: "still talking " },
      });
    }
  }
};
