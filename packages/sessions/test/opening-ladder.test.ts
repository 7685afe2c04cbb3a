import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { AgentSession, OpenSessionOptions } from "../src/index.ts";
import { demoAgent, listen, open, sessionOptions } from "./demo-sessions.ts";

const DEADLINES = { startMs: 20_000, silenceMs: 20_000, turnMs: 25_000, cancelMs: 5000 };

/** A session that knows "my number is 42", closed; and how to open the next one in the same place. */
async function talked(): Promise<{ readonly id: string; readonly options: OpenSessionOptions }> {
  const options = sessionOptions();
  const session = await open(options);
  await session.prompt(["my number is 42"], listen());
  await session.close();
  return { id: session.sessionId, options };
}

async function recall(session: AgentSession): Promise<string> {
  const heard = listen();
  await session.prompt(["[[recall]]"], heard);
  return heard.text;
}

test("an earlier session is resumed, and nothing of it is told again", async () => {
  const { id, options } = await talked();
  const session = await open({ ...options, resume: [id] });
  expect(session).toMatchObject({ sessionId: id, opened: "resumed", condemned: [] });
  expect(await recall(session)).toContain("my number is 42");
});

test("an agent that cannot resume loads, and its replay is shown to nobody", async () => {
  const { id, options } = await talked();
  const agent = demoAgent({ DEMO_NO_RESUME: "1" });
  const session = await open({ ...options, agent, resume: [id] });
  expect(session).toMatchObject({ sessionId: id, opened: "loaded" });
  const heard = listen();
  await session.prompt(["and now?"], heard);
  expect(heard.updates.some(({ sessionUpdate }) => sessionUpdate === "user_message_chunk")).toBe(
    false,
  );
  expect(heard.text).toContain("my number is 42");
});

test("an id that the store does not know is condemned, and the next one is opened", async () => {
  const { id, options } = await talked();
  const unknown = "demo-00000000-0000-0000-0000-000000000000";
  const session = await open({ ...options, resume: [unknown, id] });
  expect(session).toMatchObject({ sessionId: id, opened: "resumed", condemned: [unknown] });
});

test("an agent that fails at it is not taken for one that does not know it", async () => {
  const { id, options } = await talked();
  const agent = demoAgent({ DEMO_REOPEN: "refuse" });
  const session = await open({ ...options, agent, resume: [id] });
  expect(session).toMatchObject({ opened: "fresh", condemned: [] });
});

test.each(["hang", "crash"])(
  "an agent that does %s at an earlier session is ended, and another process opens a new one",
  async (trouble) => {
    const { id, options } = await talked();
    const agent = demoAgent({ DEMO_REOPEN: trouble });
    const deadlines = { ...DEADLINES, startMs: 6000 };
    const session = await open({ ...options, agent, resume: [id], deadlines });
    expect(session).toMatchObject({ opened: "fresh", condemned: [] });
    expect(await recall(session)).toBe("I remember nothing yet.");
  },
);

test("where the whole store is gone a new session is opened, and the old one condemned", async () => {
  const { id, options } = await talked();
  rmSync(join(options.configDir, "sessions"), { recursive: true });
  const session = await open({ ...options, resume: [id] });
  expect(session).toMatchObject({ opened: "fresh", condemned: [id] });
  expect(existsSync(join(options.configDir, "sessions"))).toBe(false);
});

test("mode and options are set anew in a process that resumes", async () => {
  const { id, options } = await talked();
  const preferences = { mode: "plan", config: { model: "large", verbose: true } };
  const session = await open({ ...options, resume: [id], preferences });
  const heard = listen();
  await session.prompt(["[[settings]]"], heard);
  expect(heard.text).toContain('mode plan, options {"model":"large","verbose":true}');
});

test.each([
  [{ mode: "reckless" }, 'the mode "reckless"'],
  [{ config: { model: "huge" } }, '"huge" for its option "model"'],
])("what the agent does not take is named: %j", async (preferences, what) => {
  const opening = open({ preferences });
  await expect(opening).rejects.toMatchObject({
    code: "agent_settings_refused",
    message: expect.stringContaining(what),
  });
});

test("a permission that is asked for outside of a turn is rejected and counted", async () => {
  const session = await open();
  await session.prompt(["[[late-permission 20]] hello"], listen());
  await expect.poll(() => session.unheardRequests).toBe(1);
});
