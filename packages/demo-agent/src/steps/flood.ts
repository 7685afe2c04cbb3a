import { setImmediate } from "node:timers/promises";
import { countOf } from "../parse-prompt.ts";
import type { Step } from "./step.ts";

const MAX_UPDATES = 1_000_000;
const MAX_BYTES = 64 * 1_048_576;

/** `[[flood NxB]]`: N chunks of B bytes each, as fast as they are read. */
export const flood: Step = async (turn, args) => {
  const [updates, bytes] = (args[0] ?? "").split("x");
  const count = countOf(updates, 1000, MAX_UPDATES);
  const text = "x".repeat(countOf(bytes, 100, MAX_BYTES));
  for (let sent = 0; sent < count; sent += 1) {
    if (sent % 100 === 0) {
      // Lets a cancel in.
      await setImmediate();
      turn.signal.throwIfAborted();
    }
    await turn.send({ sessionUpdate: "agent_message_chunk", content: { type: "text", text } });
  }
};
