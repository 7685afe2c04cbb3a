import { appendFileSync } from "node:fs";
import { methods } from "@agentclientprotocol/sdk";
import { afterEach, expect, test } from "vitest";
import { conversationFile } from "../src/conversation.ts";
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

test("it says what it heard and remembers it in the next turn", async () => {
  const demo = await start();
  const sessionId = await newSession(demo);
  const first = await demo.prompt(sessionId, "good morning");
  expect(first).toMatchObject({ stopReason: "end_turn", usage: { inputTokens: 2 } });
  expect(demo.takeText()).toBe(
    'You said: "good morning". This is the first message of our conversation.',
  );
  expect(demo.updates.map((update) => update.sessionUpdate)).toEqual(
    expect.arrayContaining(["plan", "agent_message_chunk", "usage_update"]),
  );
  await demo.prompt(sessionId, "and now?");
  expect(demo.takeText()).toContain('Before that you said: "good morning".');
});

test("another process resumes a conversation without a replay", async () => {
  const home = newHome();
  const first = await start({ DEMO_AGENT_HOME: home });
  const sessionId = await newSession(first);
  await first.prompt(sessionId, "remember me");
  expect(await first.end()).toBe(0);

  const second = await start({ DEMO_AGENT_HOME: home });
  await second.agent.request(methods.agent.session.resume, { sessionId, cwd: "/", mcpServers: [] });
  expect(second.updates).toEqual([]);
  await second.prompt(sessionId, "who?");
  expect(second.takeText()).toContain('Before that you said: "remember me".');
});

test("loading a conversation replays it, and a torn last line does not spoil it", async () => {
  const home = newHome();
  const first = await start({ DEMO_AGENT_HOME: home });
  const sessionId = await newSession(first);
  await first.prompt(sessionId, "[[words 3]]");
  await first.end();
  appendFileSync(conversationFile(home, sessionId), '{"role":"user","te');

  const second = await start({ DEMO_AGENT_HOME: home });
  await second.agent.request(methods.agent.session.load, { sessionId, cwd: "/", mcpServers: [] });
  expect(second.takeText()).toBe("[[words 3]]word1 word2 word3");
});

test("a session that was never prompted, and an unknown one, cannot be resumed", async () => {
  const home = newHome();
  const first = await start({ DEMO_AGENT_HOME: home });
  const unprompted = await newSession(first);
  await first.end();
  const second = await start({ DEMO_AGENT_HOME: home });
  for (const sessionId of [unprompted, "demo-unknown", "../../../etc/passwd"]) {
    await expect(
      second.agent.request(methods.agent.session.resume, { sessionId, cwd: "/", mcpServers: [] }),
    ).rejects.toMatchObject({ code: -32002 });
  }
});

test("stored conversations are listed by directory and can be deleted", async () => {
  const home = newHome();
  const cwd = newHome();
  const demo = await start({ DEMO_AGENT_HOME: home });
  const sessionId = await newSession(demo, cwd);
  await demo.prompt(sessionId, "a title");
  await demo.prompt(await newSession(demo), "elsewhere");
  const list = () => demo.agent.request(methods.agent.session.list, { cwd });
  expect((await list()).sessions).toMatchObject([{ sessionId, cwd, title: "a title" }]);
  await demo.agent.request(methods.agent.session.delete, { sessionId });
  expect((await list()).sessions).toEqual([]);
});

test("a closed session takes no prompt, and its running turn ends as cancelled", async () => {
  const demo = await start();
  const sessionId = await newSession(demo);
  const turn = demo.prompt(sessionId, "[[hang silent]]");
  await demo.agent.request(methods.agent.session.close, { sessionId });
  expect(await turn).toMatchObject({ stopReason: "cancelled" });
  await expect(demo.prompt(sessionId, "hello?")).rejects.toMatchObject({ code: -32002 });
});

test("what was said before a cancel is remembered", async () => {
  const demo = await start();
  const sessionId = await newSession(demo);
  const turn = demo.prompt(sessionId, "[[words 2]] [[hang silent]]");
  await demo.agent.notify(methods.agent.session.cancel, { sessionId });
  expect(await turn).toMatchObject({ stopReason: "cancelled" });
  demo.takeText();
  await demo.prompt(sessionId, "[[recall]]");
  expect(demo.takeText()).toContain("1. user: [[words 2]] [[hang silent]]");
});
