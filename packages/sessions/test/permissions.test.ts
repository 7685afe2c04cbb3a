import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { PermissionGrant, TurnPermissions } from "../src/index.ts";
import { listen, open, sessionOptions } from "./demo-sessions.ts";

const ASK = "[[permission edit notes.txt]]";

function granting(
  policy: TurnPermissions["policy"],
  recordGrant: TurnPermissions["recordGrant"],
): TurnPermissions {
  return { policy, recordGrant };
}

test("deny-all rejects once, and nothing is recorded", async () => {
  const grants: PermissionGrant[] = [];
  const session = await open();
  const heard = listen();
  const permissions = granting("deny-all", async (grant) => {
    grants.push(grant);
  });
  await session.prompt([ASK], { ...heard, permissions });
  expect(heard.text).toBe("Permission to edit: not allowed (reject_once).");
  expect(grants).toEqual([]);
});

test("approve-all allows once, after the grant was recorded", async () => {
  const grants: PermissionGrant[] = [];
  const options = sessionOptions();
  const file = join(options.cwd, "notes.txt");
  const session = await open(options);
  const heard = listen();
  const permissions = granting("approve-all", async (grant) => {
    expect(existsSync(file)).toBe(false);
    grants.push(grant);
  });
  await session.prompt([ASK], { ...heard, permissions });
  expect(heard.text).toBe("Permission to edit: allowed (allow_once).");
  expect(existsSync(file)).toBe(true);
  expect(grants).toMatchObject([
    { title: "Append a line to notes.txt", kind: "edit", optionId: "go-ahead" },
  ]);
});

test("a grant that cannot be recorded is not given, and the turn goes on", async () => {
  const options = sessionOptions();
  const session = await open(options);
  const heard = listen();
  const permissions = granting("approve-all", () => Promise.reject(new Error("the store is away")));
  expect(await session.prompt([ASK], { ...heard, permissions })).toMatchObject({
    stopReason: "end_turn",
  });
  expect(heard.text).toContain("not allowed (reject_once)");
  expect(existsSync(join(options.cwd, "notes.txt"))).toBe(false);
});

test("a cancel while a grant is being recorded ends the turn, and the late record allows nothing", async () => {
  const asked = Promise.withResolvers<void>();
  const recorded = Promise.withResolvers<void>();
  const options = sessionOptions();
  const permissions = granting("approve-all", () => {
    asked.resolve();
    return recorded.promise;
  });
  const session = await open(options);
  const cancel = new AbortController();
  const turn = session.prompt([ASK], { ...listen(), permissions, signal: cancel.signal });
  await asked.promise;
  cancel.abort();
  expect(await turn).toEqual({ stopReason: "cancelled" });
  recorded.resolve();
  const heard = listen();
  await session.prompt(["[[recall]]"], heard);
  expect(heard.text).not.toContain("allowed");
  expect(existsSync(join(options.cwd, "notes.txt"))).toBe(false);
});

test("the silence deadline stands still while a grant is being recorded", async () => {
  const session = await open({
    deadlines: { startMs: 20_000, silenceMs: 700, turnMs: 20_000, cancelMs: 5000 },
  });
  const heard = listen();
  const permissions = granting(
    "approve-all",
    () => new Promise((resolve) => setTimeout(resolve, 1500)),
  );
  await session.prompt([ASK], { ...heard, permissions });
  expect(heard.text).toContain("allowed (allow_once)");
});
