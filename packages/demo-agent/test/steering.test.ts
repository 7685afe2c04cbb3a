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

test("a message cuts the running answer and is answered in the same turn, which remembers both", async () => {
  const demo = await start();
  expect(demo.initialized._meta).toEqual({ steering: { supported: true } });
  const sessionId = await newSession(demo);
  const turn = demo.prompt(sessionId, "[[chunk-ms 20]] [[words 100000]] and now?");
  await demo.untilUpdate("agent_message_chunk");
  expect(await demo.steer(sessionId, "rather stop")).toEqual({ outcome: "injected" });
  expect(await turn).toMatchObject({ stopReason: "end_turn" });
  const text = demo.takeText();
  expect(text).toMatch(/^word1( word\d+)* Meanwhile you said: "rather stop". I take it in.$/);
  await demo.prompt(sessionId, "[[recall]]");
  expect(demo.takeText()).toMatch(
    /1. user: .*words 100000.*\n2. assistant: word1.*\n3. user: rather stop\n4. assistant: Meanwhile/,
  );
});

test("several messages into one turn are all taken in", async () => {
  const demo = await start();
  const sessionId = await newSession(demo);
  const turn = demo.prompt(sessionId, "[[tool ready]] [[hang silent]]");
  await demo.untilUpdate("tool_call");
  expect(
    await Promise.all([demo.steer(sessionId, "one"), demo.steer(sessionId, "[[words 2]] two")]),
  ).toEqual([{ outcome: "injected" }, { outcome: "injected" }]);
  await turn;
  expect(demo.takeText()).toContain("one");
  await demo.prompt(sessionId, "[[recall]]");
  const recalled = demo.takeText();
  expect(recalled).toContain("user: one");
  expect(recalled).toContain("user: [[words 2]] two");
});

test("a message that comes while a permission is open waits for its answer", async () => {
  const demo = await start({}, { outcome: "selected", optionId: "go-ahead" });
  const sessionId = await newSession(demo, newHome());
  const turn = demo.prompt(sessionId, "[[permission edit notes.txt]] [[hang silent]]");
  await demo.untilUpdate("tool_call");
  expect(await demo.steer(sessionId, "go on")).toEqual({ outcome: "injected" });
  await turn;
  expect(demo.takeText()).toContain('Meanwhile you said: "go on".');
});

test("without a running turn, and into a cancelled one, nothing is taken in", async () => {
  const demo = await start();
  const sessionId = await newSession(demo);
  const idle = { outcome: "promptRequired", reason: "noRunningTurn" };
  expect(await demo.steer(sessionId, "hello?")).toEqual(idle);
  const turn = demo.prompt(sessionId, "[[tool ready]] [[hang deaf]]");
  await demo.untilUpdate("tool_call");
  await demo.agent.notify(methods.agent.session.cancel, { sessionId });
  expect(await demo.steer(sessionId, "and now?")).toEqual(idle);
  demo.child.kill("SIGKILL");
  await expect(turn).rejects.toThrow();
});

test("an agent without steering neither offers nor takes it", async () => {
  const demo = await start({ DEMO_NO_STEERING: "1" });
  expect(demo.initialized._meta).toBeUndefined();
  await expect(demo.steer(await newSession(demo), "hello?")).rejects.toMatchObject({
    code: -32601,
  });
});
