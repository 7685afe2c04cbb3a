import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnAgent } from "@pilotlight/agents";
import { expect, test } from "vitest";
import type { ElicitationAsk, ElicitationVerdict, TurnPeople } from "../src/index.ts";
import { connectAgent } from "../src/link/agent-link.ts";
import { demoAgent, listen, open, until } from "./demo-sessions.ts";

function telling(
  tell: (ask: ElicitationAsk, signal: AbortSignal) => Promise<ElicitationVerdict>,
): TurnPeople {
  return { permission: () => Promise.resolve({ at: "rejected" }), elicitation: tell };
}

/** Never tells anything; keeps what it was asked. */
function waiting() {
  const asked: { readonly ask: ElicitationAsk; readonly signal: AbortSignal }[] = [];
  const people = telling((ask, signal) => {
    asked.push({ ask, signal });
    return new Promise(() => undefined);
  });
  return { people, asked };
}

test.each<[ElicitationVerdict, string]>([
  [
    { at: "accepted", content: { name: "Ada", tags: ["old"] } },
    'accept {"name":"Ada","tags":["old"]}',
  ],
  [{ at: "declined" }, "decline"],
  [{ at: "cancelled" }, "cancel"],
])("a form that is %j reaches the agent", async (verdict, said) => {
  const session = await open();
  const asks: ElicitationAsk[] = [];
  const heard = listen();
  const people = telling(async (ask) => {
    asks.push(ask);
    return verdict;
  });
  await session.prompt(["[[elicit form name tags]]"], { ...heard, people });
  expect(heard.text).toBe(`Elicitation: ${said}.`);
  expect(asks).toMatchObject([
    {
      mode: "form",
      message: "I need to know more before I go on.",
      requestedSchema: {
        type: "object",
        properties: { name: { type: "string" }, tags: { type: "array" } },
        required: ["name"],
      },
    },
  ]);
});

test("without anybody to tell it is cancelled, and the turn goes on", async () => {
  const session = await open();
  const heard = listen();
  await session.prompt(["[[elicit form]] [[elicit url]] hello"], heard);
  expect(heard.text).toMatch(/^Elicitation: cancel. Elicitation: cancel. You said: "hello"/);
});

test("a page is over for the people when the agent says that they were there", async () => {
  const session = await open();
  const heard = listen();
  const { people, asked } = waiting();
  await session.prompt(["[[elicit url https://example.com/in 50]]"], { ...heard, people });
  expect(asked).toMatchObject([{ ask: { mode: "url", url: "https://example.com/in" } }]);
  expect(asked[0]?.signal.reason).toMatchObject({ code: "visit_completed" });
  expect(heard.text).toBe("Elicitation: accept.");
});

test.each(["permission", "elicit"])(
  "a %s that the agent takes back is over, and the turn goes on",
  async (what) => {
    const session = await open();
    const signals: AbortSignal[] = [];
    const ask = (_: unknown, signal: AbortSignal) => {
      signals.push(signal);
      return new Promise<never>(() => undefined);
    };
    const heard = listen();
    const end = await session.prompt([`[[withdraw ${what} 50]] hello`], {
      ...heard,
      people: { permission: ask, elicitation: ask },
    });
    expect(end).toMatchObject({ stopReason: "end_turn" });
    expect(heard.text).toContain('You said: "hello"');
    expect(signals.map(({ reason }) => (reason as Error).message)).toEqual([
      "the agent withdrew its question",
    ]);
  },
);

test("silence counts again when the agent has taken its question back", async () => {
  const session = await open({
    deadlines: { startMs: 20_000, silenceMs: 700, turnMs: 20_000, cancelMs: 5000 },
  });
  const { people } = waiting();
  await expect(
    session.prompt(["[[withdraw elicit 50]] [[hang silent]]"], { ...listen(), people }),
  ).rejects.toMatchObject({ code: "silence_timeout" });
});

test("an agent that dies while it waits for a person ends the question", async () => {
  const session = await open();
  const { people, asked } = waiting();
  const turn = session.prompt(["[[elicit form]]"], { ...listen(), people });
  await until("the question", () => asked.length > 0);
  process.kill(session.pid, "SIGKILL");
  await expect(turn).rejects.toMatchObject({ code: "agent_exited" });
  expect(asked[0]?.signal.reason).toMatchObject({ code: "agent_gone" });
});

test("a cancel ends the question, and the session goes on", async () => {
  const session = await open();
  const cancel = new AbortController();
  const { people, asked } = waiting();
  const turn = session.prompt(["[[elicit form]]"], { ...listen(), people, signal: cancel.signal });
  await until("the question", () => asked.length > 0);
  cancel.abort();
  expect(await turn).toEqual({ stopReason: "cancelled" });
  expect(asked[0]?.signal.reason).toMatchObject({ code: "turn_cancelled" });
  expect(await session.prompt(["hi"], listen())).toMatchObject({ stopReason: "end_turn" });
});

test("a question outside of any turn is cancelled and counted", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "pilotlight-link-"));
  const agentProcess = await spawnAgent({ agent: demoAgent(), cwd });
  try {
    const link = connectAgent(agentProcess);
    await link.initialize();
    const { sessionId } = await link.newSession({ cwd, mcpServers: [] }, undefined);
    await link.prompt(sessionId, ["[[late-elicit 1]] hello"]);
    await until("the answer", () => agentProcess.stderrTail().includes("late:"));
    expect(agentProcess.stderrTail()).toBe("late: Elicitation: cancel.\n");
    expect(link.unheardRequests).toBe(1);
  } finally {
    await agentProcess.stop();
  }
});
