import type { SessionUpdate, ToolCallUpdate } from "@agentclientprotocol/sdk";

/** What the agent has told about the tool calls of a turn that are not finished. */
export interface ToolCalls {
  note(update: SessionUpdate): void;
  /** The call with what was told about it before; what it says itself counts more. */
  complete(toolCall: ToolCallUpdate): ToolCallUpdate;
}

const MOST_CALLS = 100;
/** Of one call, and so 25 Mi of all of them. */
const MOST_CHARS = 256 * 1024;

/**
 * Some agents tell what they are about to do in an update and only name it when they ask. Remembers a bounded part: a call
 * about which more was told than fits is forgotten as a whole, since half of it would describe another call.
 */
export function createToolCalls(): ToolCalls {
  const calls = new Map<string, ToolCallUpdate>();

  function remember(call: ToolCallUpdate): void {
    calls.delete(call.toolCallId);
    if (!isWithin(call, MOST_CHARS)) {
      return;
    }
    calls.set(call.toolCallId, call);
    const [oldest] = calls.keys();
    if (calls.size > MOST_CALLS && oldest !== undefined) {
      calls.delete(oldest);
    }
  }

  function complete(toolCall: ToolCallUpdate): ToolCallUpdate {
    const before = calls.get(toolCall.toolCallId);
    if (before === undefined) {
      return toolCall;
    }
    const told = Object.entries(toolCall).filter(([, value]) => value != null);
    const meta = { ...before._meta, ...toolCall._meta };
    return {
      ...before,
      ...Object.fromEntries(told),
      toolCallId: toolCall.toolCallId,
      ...(Object.keys(meta).length === 0 ? {} : { _meta: meta }),
    };
  }

  return {
    note(update) {
      if (update.sessionUpdate !== "tool_call" && update.sessionUpdate !== "tool_call_update") {
        return;
      }
      // Its output is no part of what it is about.
      const { sessionUpdate, rawOutput, ...call } = update;
      if (call.status === "completed" || call.status === "failed") {
        calls.delete(call.toolCallId);
      } else {
        remember(sessionUpdate === "tool_call" ? call : complete(call));
      }
    },
    complete,
  };
}

/** Whether a JSON value has at most about so many characters. Looks no further than that. */
function isWithin(value: unknown, chars: number): boolean {
  let left = chars;
  const waiting: unknown[] = [value];
  while (waiting.length > 0 && left >= 0) {
    const next = waiting.pop();
    if (typeof next === "string") {
      left -= next.length;
    } else if (typeof next === "object" && next !== null) {
      for (const key in next) {
        left -= key.length + 4;
        waiting.push((next as Record<string, unknown>)[key]);
        if (left < 0) {
          return false;
        }
      }
    } else {
      left -= 8;
    }
  }
  return left >= 0;
}
