import type { PermissionOption, ToolCallUpdate } from "@agentclientprotocol/sdk";
import type { Turn } from "../turn.ts";

// The ids differ from the kinds on purpose: who answers has to choose by kind.
const OPTIONS: PermissionOption[] = [
  { optionId: "go-ahead", name: "Allow once", kind: "allow_once" },
  { optionId: "go-ahead-for-good", name: "Always allow", kind: "allow_always" },
  { optionId: "leave-it", name: "Reject", kind: "reject_once" },
];

/**
 * The kind of the option that was chosen, or `cancelled`, or `error: ...` where the client answered with one. Aborting the
 * signal takes the question back.
 */
export async function askPermission(
  turn: Turn,
  toolCall: ToolCallUpdate,
  signal?: AbortSignal,
): Promise<string> {
  try {
    const { outcome } = await turn.client.request(
      "session/request_permission",
      {
        sessionId: turn.conversation.sessionId,
        // Some agents only name the call that they told of before.
        toolCall:
          turn.env.DEMO_TERSE_PERMISSIONS === "1" ? { toolCallId: toolCall.toolCallId } : toolCall,
        options: OPTIONS,
      },
      signal === undefined ? {} : { cancellationSignal: signal },
    );
    if (outcome.outcome !== "selected") {
      return "cancelled";
    }
    const chosen = OPTIONS.find((option) => option.optionId === outcome.optionId);
    return chosen?.kind ?? `unknown option ${outcome.optionId}`;
  } catch (error) {
    return `error: ${error instanceof Error ? error.message : String(error)}`;
  }
}
