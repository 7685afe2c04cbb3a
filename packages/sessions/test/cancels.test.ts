import { expect, test } from "vitest";
import type { AgentSession, TurnPeople } from "../src/index.ts";
import { childPid, demoAgent, isAlive, listen, open, until } from "./demo-sessions.ts";

const DEADLINES = { startMs: 20_000, silenceMs: 20_000, turnMs: 25_000, cancelMs: 5000 };
/** For agents that are known not to answer. */
const IMPATIENT = { ...DEADLINES, cancelMs: 300 };
const QUICK_STOP = { eofMs: 200, termMs: 200, killMs: 5000 };

/** Leaves every question open. */
const THINKING: TurnPeople = {
  permission: () => new Promise(() => undefined),
  elicitation: () => new Promise(() => undefined),
};

/** Hangs with a tool running, and is cancelled; tells how the turn ended, and the tool's pid. */
async function cancelHanging(session: AgentSession, mode: string) {
  const cancel = new AbortController();
  const heard = listen();
  const turn = session.prompt([`[[child 60]] [[hang ${mode}]]`], {
    ...heard,
    people: THINKING,
    signal: cancel.signal,
  });
  const tool = await heard.first(childPid);
  if (mode === "permission") {
    await until("the question", () => heard.updates.filter(isToolCall).length === 2);
  }
  cancel.abort();
  return { end: await turn, tool };
}

const isToolCall = (update: { sessionUpdate: string }) => update.sessionUpdate === "tool_call";

test.each(["silent", "retrying", "failing", "stubborn 300", "babbling", "permission"])(
  "an agent that hangs %s is cancelled, and its session goes on",
  async (mode) => {
    const session = await open({ deadlines: DEADLINES });
    const { end, tool } = await cancelHanging(session, mode);
    expect(end).toMatchObject({ stopReason: "cancelled" });
    expect(session.usable).toBe(true);
    const next = listen();
    expect(await session.prompt(["[[words 2]]"], next)).toMatchObject({ stopReason: "end_turn" });
    expect(next.text).toBe("word1 word2");
    await session.close();
    expect([session.pid, tool].filter(isAlive)).toEqual([]);
  },
);

test.each(["deaf", "chatty", "frozen"])(
  "an agent that hangs %s and does not go away is cancelled, and nothing of it is left",
  async (mode) => {
    const session = await open({
      agent: demoAgent({ DEMO_IGNORE_TERM: "1", DEMO_IGNORE_EOF: "1" }),
      deadlines: IMPATIENT,
      stop: QUICK_STOP,
    });
    const { end, tool } = await cancelHanging(session, mode);
    expect(end).toEqual({ stopReason: "cancelled" });
    expect(session.usable).toBe(false);
    await expect(session.prompt(["and now?"], listen())).rejects.toMatchObject({
      code: "session_unavailable",
    });
    await session.close();
    expect([session.pid, tool].filter(isAlive)).toEqual([]);
  },
);

test("a question that comes after the cancel is answered cancelled, and nobody is asked", async () => {
  const session = await open({ deadlines: DEADLINES });
  const asked: unknown[] = [];
  const cancel = new AbortController();
  const heard = listen();
  const turn = session.prompt(["[[tool ready]] [[hang nagging]]"], {
    ...heard,
    people: {
      ...THINKING,
      permission: async (ask) => {
        asked.push(ask);
        return { at: "rejected" };
      },
    },
    signal: cancel.signal,
  });
  await heard.first((update) => isToolCall(update) || undefined);
  cancel.abort();
  expect(await turn).toMatchObject({ stopReason: "cancelled" });
  expect(session.usable).toBe(true);
  expect(asked).toEqual([]);
  await session.close();
  expect(await session.ended).toMatchObject({ stderr: "asked while hanging: cancelled\n" });
});

test("an agent that ends its turn without a word has ended it", async () => {
  const session = await open();
  const heard = listen();
  expect(await session.prompt(["[[mute]] hello"], heard)).toMatchObject({ stopReason: "end_turn" });
  expect(heard.text).toBe("");
});
