import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { ModelReply, ReplyPart } from "./model-reply.ts";

/** Sends a reply as the Messages API streams it. Ends early, silently, when the client goes away. */
export async function streamReply(
  response: ServerResponse,
  model: string,
  reply: Exclude<ModelReply, { kind: "error" }>,
): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const send = (type: string, fields: Record<string, unknown>) => {
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`);
  };
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  send("message_start", { message: emptyMessage(model) });
  try {
    await sendParts(reply.parts, send, gone.signal);
  } catch {
    return; // the client closed its connection while a piece was waiting for its time
  }
  if (reply.kind === "drop") {
    // Only what has reached the kernel survives a broken connection.
    response.write(": broken\n\n", () => response.destroy());
  } else if (reply.kind === "answer") {
    const stopReason = callsTool(reply.parts) ? "tool_use" : "end_turn";
    send("message_delta", {
      delta: { stop_reason: stopReason, stop_sequence: null },
      usage: { output_tokens: 7 },
    });
    send("message_stop", {});
    response.end();
  }
}

/** The same answer in one piece, for clients that did not ask for a stream. */
export function wholeReply(model: string, parts: readonly ReplyPart[]): Record<string, unknown> {
  const content = parts.map((part) =>
    part.kind === "text"
      ? { type: "text", text: part.text }
      : { type: "tool_use", id: newId("toolu"), name: part.name, input: part.input },
  );
  const stopReason = callsTool(parts) ? "tool_use" : "end_turn";
  return { ...emptyMessage(model), content, stop_reason: stopReason };
}

async function sendParts(
  parts: readonly ReplyPart[],
  send: (type: string, fields: Record<string, unknown>) => void,
  signal: AbortSignal,
): Promise<void> {
  let index = -1;
  let textIsOpen = false;
  const close = () => {
    if (index >= 0) {
      send("content_block_stop", { index });
    }
  };
  for (const part of parts) {
    await part.after;
    signal.throwIfAborted();
    if (part.afterMs !== undefined) {
      await sleep(part.afterMs, undefined, { signal });
    }
    if (part.kind === "tool-use") {
      close();
      index += 1;
      textIsOpen = false;
      const block = { type: "tool_use", id: newId("toolu"), name: part.name, input: {} };
      send("content_block_start", { index, content_block: block });
      const delta = { type: "input_json_delta", partial_json: JSON.stringify(part.input) };
      send("content_block_delta", { index, delta });
      continue;
    }
    if (!textIsOpen) {
      close();
      index += 1;
      textIsOpen = true;
      send("content_block_start", { index, content_block: { type: "text", text: "" } });
    }
    send("content_block_delta", { index, delta: { type: "text_delta", text: part.text } });
  }
  close();
}

function emptyMessage(model: string): Record<string, unknown> {
  return {
    id: newId("msg"),
    type: "message",
    role: "assistant",
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 11, output_tokens: 1 },
  };
}

function callsTool(parts: readonly ReplyPart[]): boolean {
  return parts.some((part) => part.kind === "tool-use");
}

function newId(prefix: string): string {
  return `${prefix}_${randomBytes(12).toString("hex")}`;
}
