import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { PermissionGrant } from "../src/index.ts";
import { listen, open, sessionOptions } from "./demo-sessions.ts";

const ASK = "[[permission edit notes.txt]]";

test("deny-all rejects once, and nothing is recorded", async () => {
  const grants: PermissionGrant[] = [];
  const options = sessionOptions({
    recordGrant: async (grant) => {
      grants.push(grant);
    },
  });
  const session = await open(options);
  const heard = listen();
  await session.prompt([ASK], heard);
  expect(heard.text).toBe("Permission to edit: not allowed (reject_once).");
  expect(grants).toEqual([]);
});

test("approve-all allows once, after the grant was recorded", async () => {
  const grants: PermissionGrant[] = [];
  const options = sessionOptions({ permissions: "approve-all" });
  const file = join(options.cwd, "notes.txt");
  const session = await open({
    ...options,
    recordGrant: async (grant) => {
      expect(existsSync(file)).toBe(false);
      grants.push(grant);
    },
  });
  const heard = listen();
  await session.prompt([ASK], heard);
  expect(heard.text).toBe("Permission to edit: allowed (allow_once).");
  expect(existsSync(file)).toBe(true);
  expect(grants).toMatchObject([
    { title: "Append a line to notes.txt", kind: "edit", optionId: "go-ahead" },
  ]);
});

test("a grant that cannot be recorded is not given, and the turn goes on", async () => {
  const options = sessionOptions({
    permissions: "approve-all",
    recordGrant: () => Promise.reject(new Error("the store is away")),
  });
  const session = await open(options);
  const heard = listen();
  expect(await session.prompt([ASK], heard)).toMatchObject({ stopReason: "end_turn" });
  expect(heard.text).toContain("not allowed (reject_once)");
  expect(existsSync(join(options.cwd, "notes.txt"))).toBe(false);
});

test("a cancel while a grant is being recorded ends the turn, and the late record allows nothing", async () => {
  const asked = Promise.withResolvers<void>();
  const recorded = Promise.withResolvers<void>();
  const options = sessionOptions({
    permissions: "approve-all",
    recordGrant: () => {
      asked.resolve();
      return recorded.promise;
    },
  });
  const session = await open(options);
  const cancel = new AbortController();
  const turn = session.prompt([ASK], { ...listen(), signal: cancel.signal });
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
    permissions: "approve-all",
    deadlines: { startMs: 20_000, silenceMs: 700, turnMs: 20_000, cancelMs: 5000 },
    recordGrant: () => new Promise((resolve) => setTimeout(resolve, 1500)),
  });
  const heard = listen();
  await session.prompt([ASK], heard);
  expect(heard.text).toContain("allowed (allow_once)");
});
