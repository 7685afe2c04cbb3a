import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Overdue, startTurnClock } from "./turn-clock.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

function start() {
  const clock = startTurnClock({ silenceMs: 100, turnMs: 1000 });
  let overdue: Overdue | undefined;
  void clock.overdue.then((what) => {
    overdue = what;
  });
  return { clock, overdue: () => overdue, pass: (ms: number) => vi.advanceTimersByTimeAsync(ms) };
}

test("silence is overdue after its limit, and every sign of life starts it anew", async () => {
  const { clock, overdue, pass } = start();
  for (let index = 0; index < 5; index += 1) {
    await pass(90);
    clock.heard();
  }
  expect(overdue()).toBeUndefined();
  await pass(99);
  expect(overdue()).toBeUndefined();
  await pass(1);
  expect(overdue()).toBe("silence_timeout");
});

test("while somebody decides, silence is not counted, and afterwards from the beginning", async () => {
  const { clock, overdue, pass } = start();
  await pass(60);
  clock.setWaiting(true);
  await pass(500);
  clock.setWaiting(false);
  await pass(99);
  expect(overdue()).toBeUndefined();
  await pass(101);
  expect(overdue()).toBe("silence_timeout");
});

test("a talking agent is overdue when the turn is, without the time that others took", async () => {
  const { clock, overdue, pass } = start();
  for (let index = 0; index < 3; index += 1) {
    await pass(90);
    clock.heard();
  }
  clock.setWaiting(true);
  await pass(5000);
  clock.setWaiting(true);
  await pass(5000);
  clock.setWaiting(false);
  for (let index = 0; index < 8; index += 1) {
    await pass(90);
    clock.heard();
  }
  expect(overdue()).toBeUndefined();
  await pass(10);
  expect(overdue()).toBe("turn_timeout");
});

test("a stopped clock leaves no timer behind", () => {
  const { clock } = start();
  clock.stop();
  expect(vi.getTimerCount()).toBe(0);
});
