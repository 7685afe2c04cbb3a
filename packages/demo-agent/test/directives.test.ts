import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { methods, type SessionUpdate } from "@agentclientprotocol/sdk";
import { afterEach, expect, test } from "vitest";
import { newHome, newSession, type RunningAgent, startDemoAgent } from "./start-demo-agent.ts";

const running: RunningAgent[] = [];

afterEach(() => {
  for (const { child } of running.splice(0)) {
    child.kill("SIGKILL");
  }
});

async function start(...args: Parameters<typeof startDemoAgent>): Promise<RunningAgent> {
  const agent = await startDemoAgent(...args);
  running.push(agent);
  return agent;
}

test("a plan of three is begun and completed entry by entry", async () => {
  const demo = await start();
  await demo.prompt(await newSession(demo), "[[plan 3]]");
  const plans = demo.updates.filter((update) => update.sessionUpdate === "plan");
  expect(plans.map(({ entries }) => entries.map(({ status }) => status[0]).join(""))).toEqual([
    "ipp",
    "cip",
    "cci",
    "ccc",
  ]);
});

test.each([
  ["go-ahead", "allowed (allow_once)", true],
  ["go-ahead-for-good", "allowed (allow_always)", true],
  ["leave-it", "not allowed (reject_once)", false],
])("permission %s: %s", async (optionId, said, written) => {
  const demo = await start({}, { outcome: "selected", optionId });
  const cwd = newHome();
  await demo.prompt(await newSession(demo, cwd), "[[permission edit ../notes.txt]]");
  expect(demo.takeText()).toBe(`Permission to edit: ${said}.`);
  expect(existsSync(join(cwd, "notes.txt"))).toBe(written);
});

test("words, floods and errors come as ordered", async () => {
  const demo = await start();
  const sessionId = await newSession(demo);
  await demo.prompt(sessionId, "[[words 3]]");
  expect(demo.takeText()).toBe("word1 word2 word3");
  await demo.prompt(sessionId, "[[flood 500x20]]");
  expect(demo.takeText()).toBe("x".repeat(10_000));
  await expect(demo.prompt(sessionId, "[[error -32000 Please log in]]")).rejects.toMatchObject({
    code: -32000,
    message: "Please log in",
  });
  expect(await demo.prompt(sessionId, "[[stop max_tokens]] hi")).toMatchObject({
    stopReason: "max_tokens",
  });
  await demo.prompt(sessionId, "[[no-such-thing]]");
  expect(demo.takeText()).toContain("I know no directive [[no-such-thing]].");
});

test("a flood can be cancelled", async () => {
  const demo = await start();
  const sessionId = await newSession(demo);
  const turn = demo.prompt(sessionId, "[[flood 1000000x200]]");
  await demo.agent.notify(methods.agent.session.cancel, { sessionId });
  expect(await turn).toMatchObject({ stopReason: "cancelled" });
});

test("only one prompt is taken at a time", async () => {
  const demo = await start();
  const sessionId = await newSession(demo);
  const turn = demo.prompt(sessionId, "[[hang silent]]");
  await expect(demo.prompt(sessionId, "me too")).rejects.toMatchObject({ code: -32600 });
  await demo.agent.notify(methods.agent.session.cancel, { sessionId });
  await turn;
});

test("a crash ends the process in the middle of the turn", async () => {
  const demo = await start();
  await expect(demo.prompt(await newSession(demo), "[[words 1]] [[crash 9]]")).rejects.toThrow();
  expect(await demo.end()).toBe(9);
  expect(demo.takeText()).toBe("word1");
});

test("the ledger is written only where the observer asked for one", async () => {
  const dir = newHome();
  const without = await start();
  await without.prompt(await newSession(without), "[[ledger turns 1]]");
  expect(without.takeText()).toContain("DEMO_LEDGER_DIR is not set");
  const demo = await start({ DEMO_LEDGER_DIR: dir });
  const sessionId = await newSession(demo);
  await demo.prompt(sessionId, "[[ledger ../turns p1]] [[ledger turns p2]]");
  const lines = readFileSync(join(dir, "turns"), "utf8").trim().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { id: "p1", sessionId, pid: demo.child.pid },
    { id: "p2", sessionId, pid: demo.child.pid },
  ]);
});

test.each([
  ["name", {}],
  ["file", { DEMO_LOCK_DIR: newHome() }],
])("an exclusive %s proves an overlap and is free again after the turn", async (_, env) => {
  const name = `test-${process.pid}`;
  const [one, two] = [await start(env), await start(env)];
  const [first, second] = [await newSession(one), await newSession(two)];
  const turn = one.prompt(first, `[[exclusive ${name}]] [[tool ready]] [[hang silent]]`);
  await untilUpdate(one, "tool_call");
  await expect(two.prompt(second, `[[exclusive ${name}]]`)).rejects.toThrow("overlap");
  await one.agent.notify(methods.agent.session.cancel, { sessionId: first });
  await turn;
  expect(await two.prompt(second, `[[exclusive ${name}]]`)).toMatchObject({
    stopReason: "end_turn",
  });
});

test("knobs: noise, another version, a login", async () => {
  const noisy = await start({ DEMO_STDOUT_NOISE: "1", DEMO_STDERR: "a warning" });
  expect(await newSession(noisy)).toMatch(/^demo-/);
  const login = await start({ DEMO_AUTH_REQUIRED: "1" });
  await expect(newSession(login)).rejects.toMatchObject({ code: -32000 });
  const other = await start({ DEMO_PROTOCOL_VERSION: "2" });
  expect(await other.agent.request(methods.agent.initialize, { protocolVersion: 1 })).toMatchObject(
    { protocolVersion: 2 },
  );
});

async function untilUpdate(demo: RunningAgent, kind: SessionUpdate["sessionUpdate"]) {
  for (const end = Date.now() + 10_000; Date.now() < end; ) {
    if (demo.updates.some((update) => update.sessionUpdate === kind)) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`no ${kind} came`);
}
