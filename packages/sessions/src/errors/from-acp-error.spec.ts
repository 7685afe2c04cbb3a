import { RequestError } from "@agentclientprotocol/sdk";
import { expect, test } from "vitest";
import { fromAcpError } from "./from-acp-error.ts";

test("a missing login has a code of its own", () => {
  expect(fromAcpError("claude", RequestError.authRequired())).toMatchObject({
    code: "agent_auth_required",
    rpcCode: -32000,
    message: 'agent "claude": Authentication required',
  });
});

test("what an agent hides in its error's data is said", () => {
  const error = new RequestError(-32603, "Internal error", { details: "no rollout found" });
  expect(fromAcpError("codex", error)).toMatchObject({
    code: "agent_error",
    message: 'agent "codex": Internal error: no rollout found',
    data: { details: "no rollout found" },
    cause: error,
  });
  expect(fromAcpError("codex", new RequestError(400, "plain"))?.message).toBe(
    'agent "codex": plain',
  );
});

test("a lost connection is no answer", () => {
  expect(fromAcpError("codex", new Error("ACP connection closed"))).toBeUndefined();
});
