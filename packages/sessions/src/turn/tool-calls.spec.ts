import { expect, test } from "vitest";
import { createToolCalls } from "./tool-calls.ts";

const begin = (toolCallId: string, rawInput: unknown = { command: "ls" }) =>
  ({
    sessionUpdate: "tool_call",
    toolCallId,
    title: "List files",
    kind: "execute",
    status: "pending",
    rawInput,
    _meta: { tool: "Bash" },
  }) as const;

test("a question is completed by what was told of its tool call, and its own words count more", () => {
  const calls = createToolCalls();
  calls.note(begin("a"));
  calls.note({
    sessionUpdate: "tool_call_update",
    toolCallId: "a",
    title: "List all files",
    kind: null,
    locations: [{ path: "/w" }],
    rawOutput: "much",
  });
  expect(calls.complete({ toolCallId: "a", rawInput: { command: "ls -a" }, title: null })).toEqual({
    toolCallId: "a",
    title: "List all files",
    kind: "execute",
    status: "pending",
    locations: [{ path: "/w" }],
    rawInput: { command: "ls -a" },
    _meta: { tool: "Bash" },
  });
  expect(calls.complete({ toolCallId: "b", title: "Other" })).toEqual({
    toolCallId: "b",
    title: "Other",
  });
});

test.each(["completed", "failed"] as const)("a call that is %s is forgotten", (status) => {
  const calls = createToolCalls();
  calls.note(begin("a"));
  calls.note({ sessionUpdate: "tool_call_update", toolCallId: "a", status });
  expect(calls.complete({ toolCallId: "a" })).toEqual({ toolCallId: "a" });
});

test("only the last hundred calls are remembered", () => {
  const calls = createToolCalls();
  for (let index = 0; index <= 100; index += 1) {
    calls.note(begin(`call-${index}`));
  }
  expect(calls.complete({ toolCallId: "call-0" })).toEqual({ toolCallId: "call-0" });
  expect(calls.complete({ toolCallId: "call-1" })).toMatchObject({ kind: "execute" });
});

test("a call of which more is told than fits is forgotten as a whole", () => {
  const calls = createToolCalls();
  calls.note(begin("a", { content: "x".repeat(200_000) }));
  expect(calls.complete({ toolCallId: "a" })).toMatchObject({ kind: "execute" });
  calls.note({
    sessionUpdate: "tool_call_update",
    toolCallId: "a",
    content: [{ type: "content", content: { type: "text", text: "x".repeat(200_000) } }],
  });
  expect(calls.complete({ toolCallId: "a" })).toEqual({ toolCallId: "a" });
  calls.note(
    begin(
      "b",
      Array.from({ length: 300_000 }, () => 1),
    ),
  );
  expect(calls.complete({ toolCallId: "b" })).toEqual({ toolCallId: "b" });
});
