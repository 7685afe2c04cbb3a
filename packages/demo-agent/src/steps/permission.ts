import { randomUUID } from "node:crypto";
import { appendFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { PermissionOption, ToolKind } from "@agentclientprotocol/sdk";
import type { Turn } from "../turn.ts";
import type { Step } from "./step.ts";

// The ids differ from the kinds on purpose: who answers has to choose by kind.
const OPTIONS: PermissionOption[] = [
  { optionId: "go-ahead", name: "Allow once", kind: "allow_once" },
  { optionId: "go-ahead-for-good", name: "Always allow", kind: "allow_always" },
  { optionId: "leave-it", name: "Reject", kind: "reject_once" },
];

/** `[[permission KIND FILE]]`: asks; where it is allowed, appends a line to FILE in the session's directory. */
export const permission: Step = async (turn, args) => {
  const kind = args[0] ?? "edit";
  const file = args[1] === undefined ? undefined : basename(args[1]);
  const toolCallId = `call-${randomUUID()}`;
  const title = file === undefined ? `Permission to ${kind}` : `Append a line to ${file}`;
  await turn.send({
    sessionUpdate: "tool_call",
    toolCallId,
    title,
    kind: kind as ToolKind,
    status: "pending",
  });
  const answer = await askPermission(turn, toolCallId, title, kind);
  const allowed = answer === "allow_once" || answer === "allow_always";
  if (allowed && file !== undefined) {
    appendFileSync(join(turn.conversation.cwd, file), `${title}\n`);
  }
  await turn.send({
    sessionUpdate: "tool_call_update",
    toolCallId,
    status: allowed ? "completed" : "failed",
  });
  turn.signal.throwIfAborted();
  await turn.say(`Permission to ${kind}: ${allowed ? "allowed" : "not allowed"} (${answer}).`);
};

/** The kind of the option that was chosen, or `cancelled`, or `error: ...` where the client answered with one. */
export async function askPermission(
  turn: Turn,
  toolCallId: string,
  title: string,
  kind: string,
): Promise<string> {
  try {
    const { outcome } = await turn.client.request("session/request_permission", {
      sessionId: turn.conversation.sessionId,
      toolCall: { toolCallId, title, kind: kind as ToolKind, status: "pending" },
      options: OPTIONS,
    });
    if (outcome.outcome !== "selected") {
      return "cancelled";
    }
    const chosen = OPTIONS.find((option) => option.optionId === outcome.optionId);
    return chosen?.kind ?? `unknown option ${outcome.optionId}`;
  } catch (error) {
    return `error: ${error instanceof Error ? error.message : String(error)}`;
  }
}
