import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { methods } from "@agentclientprotocol/sdk";
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
  await demo.prompt(await newSession(demo, cwd), "[[permission edit notes.txt]]");
  expect(demo.takeText()).toBe(`Permission to edit: ${said}.`);
  expect(existsSync(join(cwd, "notes.txt"))).toBe(written);
});

test("a permission request tells what is to be done, and nothing is written outside of the directory", async () => {
  const demo = await start({}, { outcome: "selected", optionId: "go-ahead" });
  const cwd = newHome();
  const sessionId = await newSession(demo, cwd);
  await demo.prompt(
    sessionId,
    "[[permission edit ../out.txt]] [[permission execute rm -rf build]] [[permission read a.txt]]",
  );
  const out = join(cwd, "../out.txt");
  expect(demo.asked.map(({ toolCall }) => toolCall)).toMatchObject([
    {
      kind: "edit",
      name: "Write",
      title: "Append a line to ../out.txt",
      rawInput: { path: out, content: "Append a line to ../out.txt\n" },
      locations: [{ path: out }],
    },
    { kind: "execute", name: "Bash", title: "rm -rf build", rawInput: { command: "rm -rf build" } },
    { kind: "read", rawInput: { path: join(cwd, "a.txt") }, locations: [{}] },
  ]);
  expect(existsSync(out)).toBe(false);
});

test("several permissions are asked for at once, and a terse agent only names its tool calls", async () => {
  const demo = await start(
    { DEMO_TERSE_PERMISSIONS: "1" },
    { outcome: "selected", optionId: "go-ahead" },
  );
  const cwd = newHome();
  await demo.prompt(await newSession(demo, cwd), "[[permissions 3 edit notes.txt]]");
  expect(demo.takeText().match(/Permission \d to edit: allowed/g)).toHaveLength(3);
  expect([1, 2, 3].map((number) => existsSync(join(cwd, `${number}-notes.txt`)))).toEqual([
    true,
    true,
    true,
  ]);
  expect(demo.asked.map(({ toolCall }) => Object.keys(toolCall))).toEqual(
    Array.from({ length: 3 }, () => ["toolCallId"]),
  );
});

test("a form and a page are asked for, and what came is said", async () => {
  const demo = await start({}, undefined, async () => ({
    action: "accept",
    content: { name: "Ada", count: 3 },
  }));
  const sessionId = await newSession(demo);
  await demo.prompt(sessionId, "[[elicit form name count]] [[elicit url https://example.com/in]]");
  expect(demo.takeText()).toContain('Elicitation: accept {"name":"Ada","count":3}.');
  expect(demo.elicited).toMatchObject([
    { mode: "form", requestedSchema: { properties: { name: {}, count: {} }, required: ["name"] } },
    { mode: "url", url: "https://example.com/in" },
  ]);
});

test("a page can be left again, and questions can be taken back", async () => {
  const demo = await start({}, undefined, async (signal) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    return { action: "cancel" };
  });
  const sessionId = await newSession(demo);
  await demo.prompt(sessionId, "[[withdraw elicit 20]]");
  expect(demo.takeText()).toContain("Withdrawn: Elicitation: ");
  const turn = demo.prompt(sessionId, "[[elicit url https://example.com 20]]");
  await demo.untilUpdate("session_info_update");
  await demo.agent.notify(methods.agent.session.cancel, { sessionId });
  demo.child.kill("SIGKILL");
  await expect(turn).rejects.toThrow();
});

test.each([
  ["retrying", "end_turn"],
  ["babbling", "cancelled"],
  ["stubborn 200", "end_turn"],
])("an agent that hangs %s answers a cancel with %s", async (mode, stopReason) => {
  const demo = await start();
  const sessionId = await newSession(demo);
  const turn = demo.prompt(sessionId, `[[tool ready]] [[hang ${mode}]]`);
  await demo.untilUpdate("tool_call");
  await demo.agent.notify(methods.agent.session.cancel, { sessionId });
  expect(await turn).toMatchObject({ stopReason });
});

test("an agent that hangs failing answers a cancel with an error", async () => {
  const demo = await start();
  const sessionId = await newSession(demo);
  const turn = demo.prompt(sessionId, "[[tool ready]] [[hang failing]]");
  await demo.untilUpdate("tool_call");
  await demo.agent.notify(methods.agent.session.cancel, { sessionId });
  await expect(turn).rejects.toMatchObject({ code: -32603 });
});

test("an agent can be told to hang in every turn", async () => {
  const demo = await start({ DEMO_HANG: "babbling" });
  const sessionId = await newSession(demo);
  const turn = demo.prompt(sessionId, "hello");
  await demo.untilUpdate("agent_message_chunk");
  await demo.agent.notify(methods.agent.session.cancel, { sessionId });
  expect(await turn).toMatchObject({ stopReason: "cancelled" });
});

test("a mute agent ends its turn without a word", async () => {
  const demo = await start();
  expect(await demo.prompt(await newSession(demo), "[[mute]] hello")).toMatchObject({
    stopReason: "end_turn",
  });
  expect(demo.takeText()).toBe("");
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
  await one.untilUpdate("tool_call");
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
