import type { Interruption } from "@pilotlight/channels";
import type { InterruptionPolicy } from "@pilotlight/contracts";
import { expect, test } from "vitest";
import { chooseRecovery } from "./choose-recovery.ts";

const changed: Interruption = {
  fence: "7",
  guarded: false,
  grants: 0,
  recoveries: 0,
  idempotent: false,
  cancelled: false,
};
const choose = (change: Partial<Interruption>, cause: "worker" | "agent" = "worker") =>
  chooseRecovery({ ...changed, ...change }, cause, "continue").at;

test("a prompt that can have changed nothing is sent again, whatever the policy", () => {
  for (const policy of ["continue", "ask", "rerun", "abandon"] satisfies InterruptionPolicy[]) {
    expect(choose({ guarded: true, policy })).toBe("retry");
  }
});

test("what was to be cancelled is not begun again", () => {
  expect(choose({ guarded: true, cancelled: true })).toBe("cancel");
  expect(choose({ cancelled: true, policy: "ask" }, "agent")).toBe("cancel");
});

test("a turn that waited for a person goes on instead, and asks again", () => {
  for (const policy of ["continue", "ask", "rerun", "abandon"] satisfies InterruptionPolicy[]) {
    expect(choose({ guarded: true, policy, waitedFor: "permission" })).toBe("continue");
  }
  expect(choose({ grants: 1, policy: "ask", waitedFor: "permission" })).toBe("ask");
});

test("a recorded grant makes a guarded prompt one that may have changed something", () => {
  expect(choose({ guarded: true, grants: 1 })).toBe("continue");
  expect(choose({ guarded: true, grants: 1, policy: "ask" })).toBe("ask");
});

test.each([
  ["continue", {}, "continue"],
  ["ask", {}, "ask"],
  ["abandon", {}, "abandon"],
  ["rerun", { idempotent: true }, "rerun"],
  ["rerun", { idempotent: false }, "continue"],
] as const)("policy %s with %j: %s", (policy, change, at) => {
  expect(choose({ ...change, policy })).toBe(at);
});

test("the setting of the deployment holds where neither prompt nor channel says", () => {
  expect(chooseRecovery(changed, "worker", "abandon").at).toBe("abandon");
});

test("after two automatic recoveries it asks, also where nothing was changed", () => {
  expect(choose({ recoveries: 1 })).toBe("continue");
  expect(choose({ recoveries: 2 })).toBe("ask");
  expect(choose({ recoveries: 2, guarded: true })).toBe("ask");
  expect(choose({ recoveries: 2, policy: "rerun", idempotent: true })).toBe("ask");
});

test("an agent that dies for the third time has failed its turn, and holds up nobody", () => {
  expect(choose({ recoveries: 1 }, "agent")).toBe("continue");
  expect(choose({ recoveries: 2 }, "agent")).toBe("fail");
  expect(choose({ recoveries: 2, policy: "ask" }, "agent")).toBe("ask");
});
