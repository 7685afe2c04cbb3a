import { existsSync } from "node:fs";
import { type AgentContext, methods } from "@agentclientprotocol/sdk";
import { conversationFile, isHead, readConversationFile } from "./conversation-file.ts";
import type { Message } from "./history.ts";

/** The pieces of an answer go out together, so much at a time. */
const UPDATE_CHARS = 16_384;

/** What `session/load` promises: the whole conversation once more, as updates. Only one of them is held in memory. */
export async function replayConversation(
  client: AgentContext,
  home: string,
  sessionId: string,
): Promise<void> {
  const file = conversationFile(home, sessionId);
  if (file === undefined || !existsSync(file)) {
    return; // open, and never prompted
  }
  let held: Message | undefined;
  const send = async () => {
    if (held !== undefined) {
      const { role, text } = held;
      await client.notify(methods.client.session.update, {
        sessionId,
        update: {
          sessionUpdate: role === "user" ? "user_message_chunk" : "agent_message_chunk",
          content: { type: "text", text },
        },
      });
    }
  };
  for await (const line of readConversationFile(file)) {
    if (isHead(line) || !("text" in line)) {
      continue;
    }
    const continued = held?.role === "assistant" && line.role === "assistant";
    if (held !== undefined && continued && held.text.length < UPDATE_CHARS) {
      held = { role: "assistant", text: held.text + line.text };
    } else {
      await send();
      held = line;
    }
  }
  await send();
}
