import { expect, test } from "vitest";
import type { AgentSession } from "../src/index.ts";
import { aText, demoAgent, isAlive, listen, open } from "./demo-sessions.ts";

const QUICK_STOP = { eofMs: 200, termMs: 200, killMs: 5000 };
const SILENCE = { startMs: 20_000, silenceMs: 700, turnMs: 20_000, cancelMs: 700 };
const TURN = { startMs: 20_000, silenceMs: 20_000, turnMs: 300, cancelMs: 700 };

async function endsIn(session: AgentSession, code: string, prompt: string): Promise<void> {
  await expect(session.prompt([prompt], listen())).rejects.toMatchObject({ code });
}

test("an agent that is silent too long is cancelled and stays usable", async () => {
  const session = await open({ deadlines: { ...SILENCE, cancelMs: 5000 } });
  await endsIn(session, "silence_timeout", "[[hang silent]]");
  expect(session.usable).toBe(true);
  expect(await session.prompt(["still there?"], listen())).toMatchObject({
    stopReason: "end_turn",
  });
});

test("an agent that talks does not pass for silent, however long it takes", async () => {
  const session = await open({ deadlines: SILENCE });
  const heard = listen();
  await session.prompt(["[[chunk-ms 100]] [[words 10]]"], heard);
  expect(heard.text).toContain("word10");
});

test.each([
  ["deaf", SILENCE, "silence_timeout"],
  ["chatty", TURN, "turn_timeout"],
  ["frozen", SILENCE, "silence_timeout"],
])(
  "an agent that hangs %s is given up at its deadline, and closing ends it",
  async (mode, deadlines, code) => {
    const session = await open({ deadlines, stop: QUICK_STOP });
    await endsIn(session, code, `[[hang ${mode}]]`);
    expect(session.usable).toBe(false);
    await expect(session.prompt(["and now?"], listen())).rejects.toMatchObject({
      code: "session_unavailable",
    });
    await session.close();
    expect(isAlive(session.pid)).toBe(false);
  },
);

test("a turn that takes too long is cut off although the agent talks", async () => {
  const session = await open({ deadlines: { ...TURN, cancelMs: 5000 } });
  await endsIn(session, "turn_timeout", "[[chunk-ms 20]] [[words 100000]]");
  expect(session.usable).toBe(true);
});

test("a cancelled turn says so and keeps the session", async () => {
  const session = await open();
  const cancel = new AbortController();
  const heard = listen();
  const turn = session.prompt(["[[words 1]] [[hang silent]]"], { ...heard, signal: cancel.signal });
  await heard.first(aText);
  cancel.abort();
  expect(await turn).toEqual({ stopReason: "cancelled" });
  expect(session.usable).toBe(true);
  const next = listen();
  await session.prompt(["[[recall]]"], next);
  expect(next.text).toContain("assistant: word1");
});

test("an agent that answers a cancel with end_turn was cancelled all the same", async () => {
  const session = await open({ agent: demoAgent({ DEMO_CANCEL_STOP: "end_turn" }) });
  const cancel = new AbortController();
  const heard = listen();
  const turn = session.prompt(["[[words 1]] [[hang silent]]"], { ...heard, signal: cancel.signal });
  await heard.first(aText);
  cancel.abort();
  expect(await turn).toEqual({ stopReason: "cancelled" });
});

test("an agent that does not answer a cancel is cancelled and not usable any more", async () => {
  const session = await open({ deadlines: { ...SILENCE, silenceMs: 20_000 }, stop: QUICK_STOP });
  const cancel = new AbortController();
  const heard = listen();
  const turn = session.prompt(["[[words 1]] [[hang deaf]]"], { ...heard, signal: cancel.signal });
  await heard.first(aText);
  cancel.abort();
  expect(await turn).toEqual({ stopReason: "cancelled" });
  expect(session.usable).toBe(false);
});

test("a prompt that was cancelled before it was sent never reaches the agent", async () => {
  const session = await open();
  const heard = listen();
  expect(await session.prompt(["secret"], { ...heard, signal: AbortSignal.abort() })).toEqual({
    stopReason: "cancelled",
  });
  await session.prompt(["[[recall]]"], heard);
  expect(heard.text).toBe("I remember nothing yet.");
});
