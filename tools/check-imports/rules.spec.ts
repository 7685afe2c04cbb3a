import { expect, test } from "vitest";
import { RULES } from "./rules.ts";
import { parseSource } from "./source-file.ts";

type Planted = Readonly<Record<string, string>>;

/** The sentences that do not hold for these files, with what is said of each place. */
function broken(planted: Planted): Record<string, string[]> {
  const files = Object.entries(planted).map(([path, text]) => parseSource(path, text));
  const found = RULES.map((rule) => [
    rule.sentence,
    rule.check(files).map(({ path, line, what }) => `${path}:${line} ${what}`),
  ]);
  return Object.fromEntries(found.filter(([, violations]) => (violations?.length ?? 0) > 0));
}

/** What the rule that begins so says of these files. */
function saysOf(beginning: string, planted: Planted): string[] {
  const entries = Object.entries(broken(planted));
  return entries.find(([sentence]) => sentence.startsWith(beginning))?.[1] ?? [];
}

test("files that keep the rules are left in peace", () => {
  expect(
    broken({
      "apps/worker/src/main.ts":
        'import { openSession } from "@pilotlight/sessions";\nimport "./turn.ts";',
      "apps/worker/src/turn.ts": 'import { tick } from "@pilotlight/channels";',
      "apps/worker/test/turn.test.ts": 'import { startTestServer } from "@pilotlight/testkit";',
      "packages/channels/src/index.ts": 'export { a } from "./lease-state.ts";',
      "packages/channels/src/lease-state.ts":
        'import type { Redis } from "@pilotlight/redis";\nexport const a = 1;',
    }),
  ).toEqual({});
});

test("a package that imports an app is found, by name and by path", () => {
  const rule = "Packages never import apps";
  const path = "packages/channels/src/index.ts";
  expect(saysOf(rule, { [path]: 'import "@pilotlight/worker";' })).toEqual([
    `${path}:1 imports apps/worker`,
  ]);
  expect(saysOf(rule, { [path]: 'import "../../../apps/worker/src/x.ts";' })).toHaveLength(1);
});

test("an app that imports another is found; one that starts another's process is not", () => {
  const rule = "Apps meet in Redis";
  const path = "apps/cli/src/main.ts";
  expect(saysOf(rule, { [path]: 'import "../../worker/src/main.ts";' })).toHaveLength(1);
  expect(saysOf(rule, { [path]: 'export * from "@pilotlight/ingress";' })).toHaveLength(1);
  expect(saysOf(rule, { [path]: 'new URL("../../worker/src/main.ts", import.meta.url);' })).toEqual(
    [],
  );
});

test("an import against the direction is found, also one of types", () => {
  const rule = "Imports point";
  const at = (path: string, text: string) => saysOf(rule, { [path]: text });
  expect(at("packages/agents/src/index.ts", 'import "@pilotlight/sessions";')).toHaveLength(1);
  expect(at("packages/redis/src/index.ts", 'import "@pilotlight/channels";')).toHaveLength(1);
  expect(at("packages/sessions/src/index.ts", 'import "@pilotlight/redis";')).toHaveLength(1);
  expect(
    at("packages/contracts/src/index.ts", 'import type { Logger } from "@pilotlight/lifecycle";'),
  ).toHaveLength(1);
});

test("an agent of ours that imports anything else of ours is found", () => {
  for (const agent of ["demo-agent", "ollama-agent"]) {
    const path = `packages/${agent}/src/main.ts`;
    const planted = { [path]: 'import { loadConfig } from "@pilotlight/contracts";' };
    expect(saysOf("Imports point", planted)).toEqual([
      `${path}:1 packages/${agent} imports contracts`,
    ]);
  }
});

test("a new workspace has to be given its place", () => {
  const planted = { "packages/brand-new/src/index.ts": 'import "@pilotlight/contracts";' };
  expect(saysOf("Imports point", planted)).toEqual([
    "packages/brand-new/src/index.ts:1 packages/brand-new has no place among the layers yet",
  ]);
});

test("a way into a package beside its index is found", () => {
  const rule = "A package is entered";
  const at = (text: string) => saysOf(rule, { "apps/worker/src/main.ts": text });
  expect(at('import "@pilotlight/redis/src/connect-redis.ts";')).toHaveLength(1);
  expect(at('const x = await import("../../../packages/redis/src/index.ts");')).toHaveLength(1);
  expect(at('import "@pilotlight/redis/testing";')).toEqual([]);
});

test("a library outside its home is found, with the node: prefix and without, and in its depths", () => {
  const rule = "Each library has its home";
  const at = (path: string, text: string) => saysOf(rule, { [path]: text });
  expect(at("apps/worker/src/main.ts", 'import { spawn } from "node:child_process";')).toHaveLength(
    1,
  );
  expect(at("apps/worker/src/main.ts", 'await import("child_process");')).toHaveLength(1);
  expect(at("apps/board/src/main.ts", 'import { Queue } from "bullmq";')).toHaveLength(1);
  expect(at("packages/channels/src/index.ts", 'import { Redis } from "ioredis";')).toHaveLength(1);
  expect(at("apps/worker/src/main.ts", 'import "@agentclientprotocol/sdk/unstable";')).toHaveLength(
    1,
  );
  expect(at("packages/sessions/src/index.ts", 'import { Ollama } from "ollama";')).toEqual([
    "packages/sessions/src/index.ts:1 imports ollama, whose home is packages/ollama-agent",
  ]);
  expect(at("packages/contracts/src/index.ts", 'import "@agentclientprotocol/sdk";')).toHaveLength(
    1,
  );
  expect(at("packages/ollama-agent/src/main.ts", 'import "@agentclientprotocol/sdk";')).toEqual([]);
  expect(at("packages/channels/src/index.ts", 'import { Job } from "bullmq";')).toEqual([]);
  expect(at("apps/worker/test/a.test.ts", 'import { spawn } from "node:child_process";')).toEqual(
    [],
  );
});

test("production that imports the test kit, a test or a test library is found", () => {
  const rule = "Production never imports";
  const at = (text: string) => saysOf(rule, { "packages/redis/src/index.ts": text });
  expect(at('import { startFakeModel } from "@pilotlight/testkit";')).toHaveLength(1);
  expect(at('import "../test/server.ts";')).toHaveLength(1);
  expect(at('import { x } from "./x.spec.ts";')).toHaveLength(1);
  expect(at('import { expect } from "vitest";')).toHaveLength(1);
});

test("a state machine that does IO or asks the clock is found", () => {
  const at = (text: string) =>
    saysOf("State machines", { "packages/channels/src/lease-state.ts": text });
  expect(at('import { readFileSync } from "node:fs";')).toHaveLength(1);
  expect(at('import { connectRedis } from "@pilotlight/redis";')).toHaveLength(1);
  expect(at("export const now = () => Date.now();")).toEqual([
    "packages/channels/src/lease-state.ts:1 uses Date.now",
  ]);
  expect(at('import type { Redis } from "@pilotlight/redis";')).toEqual([]);
  expect(at('import { LeaseLostError } from "./lease-lost-error.ts";')).toEqual([]);
});

test("inheritance is found, but not that of errors or of a library's base", () => {
  const at = (text: string) => saysOf("Only errors extend", { "apps/board/src/main.ts": text });
  expect(at("export class Eager extends Worker {}")).toEqual([
    "apps/board/src/main.ts:1 extends Worker",
  ]);
  expect(
    at('import { EventEmitter } from "node:events";\nclass A extends EventEmitter {}'),
  ).toHaveLength(1);
  expect(at("export class LostError extends PilotlightError {}")).toEqual([]);
  expect(
    at('import { BaseAdapter } from "@bull-board/api";\nclass A extends BaseAdapter {}'),
  ).toEqual([]);
});

test("a file that nothing or only a test leads to is found; one that is started is not", () => {
  const planted = {
    "packages/redis/src/index.ts":
      'export * from "./used.ts";\nnew URL("./keeper-main.ts", import.meta.url);',
    "packages/redis/src/used.ts": "",
    "packages/redis/src/keeper-main.ts": "",
    "packages/redis/src/forgotten.ts": 'import "./also-forgotten.ts";',
    "packages/redis/src/also-forgotten.ts": "",
    "packages/redis/src/forgotten.spec.ts": 'import "./forgotten.ts";',
  };
  expect(saysOf("No file is an orphan", planted)).toEqual([
    "packages/redis/src/forgotten.ts:1 nothing leads to it",
    "packages/redis/src/also-forgotten.ts:1 nothing leads to it",
  ]);
});
