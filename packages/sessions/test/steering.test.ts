import { expect, test } from "vitest";
import type { PermissionVerdict } from "../src/index.ts";
import { aText, demoAgent, listen, open, until } from "./demo-sessions.ts";

const TALKING = "[[chunk-ms 20]] [[words 100000]]";

test("a message into a running turn is answered in that turn", async () => {
  const session = await open();
  expect(session.steers).toBe(true);
  const heard = listen();
  const turn = session.prompt([TALKING], heard);
  await heard.first(aText);
  expect(await session.steer(["rather stop"])).toBe("injected");
  expect(await turn).toMatchObject({ stopReason: "end_turn" });
  expect(heard.text).toMatch(/^word1.* Meanwhile you said: "rather stop". I take it in.$/s);
});

test("where no turn runs, and where the agent cannot, nothing is sent", async () => {
  const session = await open();
  await expect(session.steer(["hello?"])).rejects.toMatchObject({ code: "session_unavailable" });
  const cancel = new AbortController();
  const heard = listen();
  const turn = session.prompt(["[[words 1]] [[hang silent]]"], { ...heard, signal: cancel.signal });
  await heard.first(aText);
  cancel.abort();
  await expect(session.steer(["hello?"])).rejects.toMatchObject({
    code: "session_unavailable",
    message: expect.stringContaining("takes no steering while it is being cancelled"),
  });
  await turn;
  await session.prompt(["[[recall]]"], heard);
  expect(heard.text).not.toContain("hello?");

  const other = await open({ agent: demoAgent({ DEMO_NO_STEERING: "1" }) });
  expect(other.steers).toBe(false);
  const talking = listen();
  const running = other.prompt(["[[words 3]] [[slow 50]]"], talking);
  await expect(other.steer(["hello?"])).rejects.toMatchObject({ code: "session_unavailable" });
  expect(await running).toMatchObject({ stopReason: "end_turn" });
});

test("at the end of a turn a message is either answered in it or left to the caller", async () => {
  const session = await open();
  const outcomes: string[] = [];
  for (let round = 0; round < 30; round += 1) {
    const heard = listen();
    const turn = session.prompt(["[[words 3]]"], heard);
    if (round % 3 > 0) {
      await heard.first((update) =>
        round % 3 === 1 ? aText(update) : update.sessionUpdate === "usage_update" || undefined,
      );
    }
    const outcome = await session.steer([`round ${round}`]).catch((error) => error.code as string);
    await turn;
    expect([round, heard.text.includes(`Meanwhile you said: "round ${round}"`)]).toEqual([
      round,
      outcome === "injected",
    ]);
    outcomes.push(outcome);
  }
  expect(outcomes).toContain("injected");
  expect(new Set(outcomes).size).toBeGreaterThan(1);
});

test("while a person is asked, a message waits for the answer, and both count", async () => {
  const session = await open();
  const verdict = Promise.withResolvers<PermissionVerdict>();
  let asked = false;
  const heard = listen();
  const turn = session.prompt(["[[permission edit notes.txt]] [[hang silent]]"], {
    ...heard,
    people: {
      permission: () => {
        asked = true;
        return verdict.promise;
      },
      elicitation: () => Promise.resolve({ at: "cancelled" }),
    },
  });
  await until("the question", () => asked);
  expect(await session.steer(["go on"])).toBe("injected");
  verdict.resolve({ at: "rejected" });
  await turn;
  expect(heard.text).toContain('Meanwhile you said: "go on".');
});

test("an agent that refuses says why, and its turn goes on", async () => {
  const session = await open({ agent: demoAgent({ DEMO_STEER: "refuse" }) });
  const cancel = new AbortController();
  const heard = listen();
  const turn = session.prompt([TALKING], { ...heard, signal: cancel.signal });
  await heard.first(aText);
  await expect(session.steer(["rather stop"])).rejects.toMatchObject({
    code: "agent_error",
    message: 'agent "demo": the service is not available',
  });
  cancel.abort();
  expect(await turn).toMatchObject({ stopReason: "cancelled" });
  expect(session.usable).toBe(true);
});

test("an agent that never says what became of a message is not waited for", async () => {
  const session = await open({
    agent: demoAgent({ DEMO_STEER: "hang" }),
    deadlines: { startMs: 20_000, silenceMs: 20_000, turnMs: 25_000, cancelMs: 5000, steerMs: 200 },
  });
  const heard = listen();
  const turn = session.prompt(["[[words 1]] [[slow 1]] [[hang stubborn 1500]]"], heard);
  await heard.first(aText);
  await expect(session.steer(["are you there?"])).rejects.toMatchObject({
    code: "steer_unanswered",
  });
  expect(await turn).toMatchObject({ stopReason: "end_turn" });
  expect(session.usable).toBe(true);
});

test("an agent that dies of a message ends the turn and the message alike", async () => {
  const session = await open({ agent: demoAgent({ DEMO_STEER: "crash" }) });
  const heard = listen();
  const turn = session.prompt([TALKING], heard);
  await heard.first(aText);
  const [steered, prompted] = await Promise.allSettled([session.steer(["rather stop"]), turn]);
  expect(steered).toMatchObject({ reason: { code: "agent_exited", exitCode: 3 } });
  expect(prompted).toMatchObject({ reason: { code: "agent_exited", exitCode: 3 } });
  expect(session.usable).toBe(false);
});

test("a second prompt is refused while one is steered", async () => {
  const session = await open();
  const heard = listen();
  const turn = session.prompt([TALKING], heard);
  await heard.first(aText);
  const steering = session.steer(["rather stop"]);
  await expect(session.prompt(["second"], listen())).rejects.toMatchObject({
    code: "session_unavailable",
  });
  expect(await steering).toBe("injected");
  expect(await turn).toMatchObject({ stopReason: "end_turn" });
});
