import { randomUUID } from "node:crypto";
import { countOf } from "../parse-prompt.ts";
import type { Step } from "./step.ts";

/** `[[tool TITLE...]]`: a tool call that begins and completes. */
export const tool: Step = async (turn, args) => {
  const toolCallId = `call-${randomUUID()}`;
  const title = args.join(" ") || "Look around";
  await turn.send({
    sessionUpdate: "tool_call",
    toolCallId,
    title,
    kind: "other",
    status: "in_progress",
  });
  await turn.send({
    sessionUpdate: "tool_call_update",
    toolCallId,
    status: "completed",
    content: [{ type: "content", content: { type: "text", text: `${title}: done` } }],
  });
};

/**
 * `[[child SECS]]`: a tool call that leaves a real `sleep` running in a session of its own,
 * as coding agents run shell commands: it survives the agent unless somebody ends it.
 */
export const child: Step = async (turn, args) => {
  const { spawn } = await import("node:child_process");
  const secs = countOf(args[0], 60, 3600);
  const sleeper = spawn("sleep", [String(secs)], { detached: true, stdio: "ignore" });
  sleeper.on("error", () => undefined);
  sleeper.unref();
  const toolCallId = `call-${randomUUID()}`;
  await turn.send({
    sessionUpdate: "tool_call",
    toolCallId,
    title: `sleep ${secs}`,
    kind: "execute",
    status: "in_progress",
    rawInput: { command: "sleep", secs, pid: sleeper.pid },
  });
  await turn.say(`Started sleep ${secs} as process ${sleeper.pid}.`);
};
