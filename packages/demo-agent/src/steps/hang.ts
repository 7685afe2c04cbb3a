import { setInterval } from "node:timers/promises";
import { RequestError } from "@agentclientprotocol/sdk";
import { countOf } from "../parse-prompt.ts";
import type { Turn } from "../turn.ts";
import { askPermission } from "./ask-permission.ts";
import { planCall } from "./planned-call.ts";
import type { Step } from "./step.ts";

const MAX_HANG_MS = 600_000;
const LOOK_MS = 20;

/** `[[hang MODE]]`: the turn does not end by itself; README.md says how each one hangs. */
export const hang: Step = async (turn, [mode = "silent", ...rest]) => {
  switch (mode) {
    case "frozen":
      process.kill(process.pid, "SIGSTOP");
      return;
    case "deaf":
      return await untilTrue(() => false);
    case "chatty":
      return await talk(turn, () => false);
    case "babbling":
      return await talk(turn, () => turn.signal.aborted);
    case "permission":
      return await hangInPermission(turn);
    case "nagging":
      await untilTrue(() => turn.signal.aborted);
      await ask(turn);
      return;
    case "retrying":
      turn.answerCancelWith("end_turn");
      return await untilTrue(() => turn.signal.aborted);
    case "failing":
      await untilTrue(() => turn.signal.aborted);
      if (turn.cancelled.aborted) {
        throw new RequestError(-32603, rest.join(" ") || "the request was aborted");
      }
      return;
    case "stubborn":
      turn.answerCancelWith("end_turn");
      await untilTrue(() => false, countOf(rest[0], 1000, MAX_HANG_MS));
      return await sendText(turn, "I finished all the same. ");
    default:
      return await untilTrue(() => turn.signal.aborted);
  }
};

/** Only the answer `cancelled` ends it: an agent that waits for its question and forgets about the cancel meanwhile. */
async function hangInPermission(turn: Turn): Promise<void> {
  if ((await ask(turn)) !== "cancelled") {
    await untilTrue(() => false);
  }
}

async function ask(turn: Turn): Promise<string> {
  const { toolCall } = planCall(turn.conversation.cwd, "edit", ["never.txt"]);
  await turn.send({ sessionUpdate: "tool_call", ...toolCall });
  const answer = await askPermission(turn, toolCall);
  process.stderr.write(`asked while hanging: ${answer}\n`);
  return answer;
}

async function talk(turn: Turn, isOver: () => boolean): Promise<void> {
  for await (const _ of setInterval(LOOK_MS)) {
    if (isOver()) {
      return;
    }
    await sendText(turn, "still talking ");
  }
}

async function untilTrue(isOver: () => boolean, mostMs = Number.POSITIVE_INFINITY): Promise<void> {
  const begunAtMs = performance.now();
  for await (const _ of setInterval(LOOK_MS)) {
    if (isOver() || performance.now() - begunAtMs >= mostMs) {
      return;
    }
  }
}

async function sendText(turn: Turn, text: string): Promise<void> {
  await turn.send({ sessionUpdate: "agent_message_chunk", content: { type: "text", text } });
}
