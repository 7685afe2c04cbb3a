import type { RequestPermissionRequest } from "@agentclientprotocol/sdk";
import type { PermissionPolicy } from "@pilotlight/contracts";
import { expect, test } from "vitest";
import type { PermissionGrant } from "../agent-session.ts";
import { createPermissionDesk } from "./permission-desk.ts";

const request: RequestPermissionRequest = {
  sessionId: "s",
  toolCall: { toolCallId: "call-1", title: "Delete everything", kind: "delete" },
  options: [
    { optionId: "yes", name: "Yes", kind: "allow_once" },
    { optionId: "no", name: "No", kind: "reject_once" },
  ],
};
const selected = (optionId: string) => ({ outcome: { outcome: "selected", optionId } });
const CANCELLED = { outcome: { outcome: "cancelled" } };

function desk(policy: PermissionPolicy, recordGrant: (grant: PermissionGrant) => Promise<void>) {
  return createPermissionDesk({
    permissions: { policy, recordGrant },
    onChange: () => undefined,
  });
}

test("an allowing answer waits until the grant is recorded", async () => {
  const recorded = Promise.withResolvers<void>();
  const grants: PermissionGrant[] = [];
  const { answer } = desk("approve-all", (grant) => {
    grants.push(grant);
    return recorded.promise;
  });
  let answered = false;
  const response = answer(request).finally(() => {
    answered = true;
  });
  await new Promise(setImmediate);
  expect(grants).toEqual([
    { toolCallId: "call-1", title: "Delete everything", kind: "delete", optionId: "yes" },
  ]);
  expect(answered).toBe(false);
  recorded.resolve();
  expect(await response).toEqual(selected("yes"));
});

test("a grant that cannot be recorded is not given", async () => {
  const { answer } = desk("approve-all", () => Promise.reject(new Error("store is away")));
  expect(await answer(request)).toEqual(selected("no"));
});

test("a denial is not recorded", async () => {
  const { answer } = desk("deny-all", () => Promise.reject(new Error("must not be called")));
  expect(await answer(request)).toEqual(selected("no"));
});

test("a cancel answers what is open and what comes later, and a late record allows nothing", async () => {
  const recorded = Promise.withResolvers<void>();
  const { answer, cancel } = desk("approve-all", () => recorded.promise);
  const open = answer(request);
  cancel();
  recorded.resolve();
  expect(await open).toEqual(CANCELLED);
  expect(await answer(request)).toEqual(CANCELLED);
});

test("it says while anything is open", async () => {
  const recorded = Promise.withResolvers<void>();
  const seen: number[] = [];
  const permissions = createPermissionDesk({
    permissions: { policy: "approve-all", recordGrant: () => recorded.promise },
    onChange: () => seen.push(permissions.open),
  });
  const both = [permissions.answer(request), permissions.answer(request)];
  recorded.resolve();
  await Promise.all(both);
  expect(seen).toEqual([1, 2, 1, 0]);
});
