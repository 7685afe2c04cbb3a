import { expect, test } from "vitest";
import { aText, childPid, demoAgent, isAlive, listen, open } from "./demo-sessions.ts";

const QUICK_STOP = { eofMs: 200, termMs: 200, killMs: 5000 };

test("an idle session closes without a signal", async () => {
  const session = await open({ stop: { eofMs: 20_000, termMs: 1, killMs: 1 } });
  await session.prompt(["hi"], listen());
  await session.close();
  expect(await session.ended).toEqual({ reason: "closed", exitCode: 0, signal: null, stderr: "" });
  expect(isAlive(session.pid)).toBe(false);
  expect(session.usable).toBe(false);
});

test("closing during a turn cancels it first", async () => {
  const session = await open({ stop: { eofMs: 20_000, termMs: 1, killMs: 1 } });
  const heard = listen();
  const turn = session.prompt(["[[words 1]] [[hang silent]]"], heard);
  await heard.first(aText);
  await session.close();
  expect(await turn).toEqual({ stopReason: "cancelled" });
  expect(await session.ended).toMatchObject({ reason: "closed", exitCode: 0 });
});

test("no descendant survives, not even of an agent that ignores everything but SIGKILL", async () => {
  const session = await open({
    agent: demoAgent({ DEMO_IGNORE_TERM: "1", DEMO_IGNORE_EOF: "1" }),
    stop: QUICK_STOP,
  });
  const heard = listen();
  await session.prompt(["[[child 60]] [[child 61]]"], heard);
  const pids = heard.updates.flatMap((update) => childPid(update) ?? []);
  expect(pids).toHaveLength(2);
  expect(pids.every(isAlive)).toBe(true);
  await session.close();
  expect([session.pid, ...pids].filter(isAlive)).toEqual([]);
  expect(await session.ended).toMatchObject({ reason: "closed", signal: "SIGKILL" });
});

test("a tool that the agent left behind ends although the agent itself went quietly", async () => {
  const session = await open({ stop: QUICK_STOP });
  const heard = listen();
  await session.prompt(["[[child 62]]"], heard);
  const pid = await heard.first(childPid);
  await session.close();
  expect(isAlive(pid)).toBe(false);
  expect(await session.ended).toMatchObject({ reason: "closed", exitCode: 0 });
});

test("closing twice is closing once, and closing what has ended does nothing", async () => {
  const session = await open();
  await Promise.all([session.close(), session.close()]);
  await session.close();
  expect(await session.ended).toMatchObject({ reason: "closed" });
});

test("many sessions side by side do not mix", async () => {
  const sessions = await Promise.all(Array.from({ length: 4 }, () => open()));
  const answers = await Promise.all(
    sessions.map(async (session, index) => {
      const heard = listen();
      await session.prompt([`I am ${index}`], heard);
      await session.prompt(["[[recall]]"], heard);
      return heard.text;
    }),
  );
  for (const [index, answer] of answers.entries()) {
    expect(answer.match(/I am \d/g)).toEqual([`I am ${index}`, `I am ${index}`, `I am ${index}`]);
  }
  await Promise.all(sessions.map((session) => session.close()));
  expect(sessions.filter(({ pid }) => isAlive(pid))).toEqual([]);
});
