import { RequestError } from "@agentclientprotocol/sdk";
import { expect, test } from "vitest";
import { isUnknownSession } from "./is-unknown-session.ts";

// As five real agents answered a resume or load of an id that they do not know.
test.each([
  ["claude", -32002, "Resource not found", undefined],
  ["codex", -32603, "Internal error", { details: "no rollout found for thread id" }],
  ["codex-zed", -32002, "Resource not found: 0198", undefined],
  ["gemini", -32603, "Invalid session identifier", undefined],
  ["gemini, same minute", -32603, "No previous sessions found for this project.", undefined],
])("%s says that the session is not there", (_agent, code, message, data) => {
  expect(isUnknownSession(new RequestError(code, message, data))).toBe(true);
});

test.each([
  ["a failure of the service", -32603, "OpenCode service failure"],
  ["a session that another process holds", -32600, "thread_active_writer"],
  ["a login that is missing", -32000, "Authentication required"],
  ["a method that is not there", -32601, "Method not found"],
])("%s says nothing about the session", (_what, code, message) => {
  expect(isUnknownSession(new RequestError(code, message))).toBe(false);
});
