import { waitUntil } from "@pilotlight/testkit";
import { expect, it } from "vitest";
import { superviseChild } from "../src/supervise-child.ts";
import { startProgram } from "./start-program.ts";

const backoff = { firstMs: 5, mostMs: 20, healthyAfterMs: 60_000 };
const program = (name: string) => new URL(`./programs/${name}.ts`, import.meta.url).pathname;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it("starts a child again that exits, in a new process each time, until it is stopped", async () => {
  const lines: string[] = [];
  const exits: (number | null)[] = [];
  const child = superviseChild({
    name: "crashing",
    script: program("crashing-child"),
    env: () => process.env,
    backoff,
    onLine: (line) => lines.push(line),
    onExit: (code) => exits.push(code),
  });
  await expect(child.ready).rejects.toThrow("crashing exited (3) before it was ready");
  await waitUntil("it was started three times", () => exits.length >= 3);
  await child.stop(5000);
  const startsAtStop = exits.length;
  expect(new Set(lines).size).toBe(lines.length);
  await new Promise((resolve) => setTimeout(resolve, 3 * backoff.mostMs));
  expect(exits.length).toBe(startsAtStop);
});

it("does not start the next one before what lies between is done, and tries that again where it fails", async () => {
  const order: string[] = [];
  const child = superviseChild({
    name: "crashing",
    script: program("crashing-child"),
    env: () => process.env,
    backoff,
    onLine: (line) => order.push(line.startsWith("start ") ? "start" : "complaint"),
    async beforeRestart() {
      order.push("between");
      if (order.filter((word) => word === "between").length === 1) {
        throw new Error("not yet");
      }
    },
  });
  await waitUntil("it was started twice", () => order.filter((w) => w === "start").length >= 2);
  await child.stop(5000);
  expect(order.slice(0, 5)).toEqual(["start", "between", "complaint", "between", "start"]);
});

it("kills a child that does not end in its grace, and resolves when it is gone", async () => {
  const lines: string[] = [];
  const child = superviseChild({
    name: "stubborn",
    script: program("stubborn-child"),
    env: () => process.env,
    onLine: (line) => lines.push(line),
  });
  expect(await child.ready).toEqual({ type: "ready", url: "http://127.0.0.1:1" });
  const pid = child.pid ?? 0;
  await child.stop(200);
  expect(isAlive(pid)).toBe(false);
  expect(lines).toEqual(["asked to end"]);
});

it("lets a child drain by itself when the supervisor is killed", async () => {
  const parent = startProgram("parent", { DRAIN_MS: "300" });
  const line = await parent.said(/^child \d+$/);
  const pid = Number(line.split(" ")[1]);
  parent.child.kill("SIGKILL");
  await parent.exit;
  expect(isAlive(pid)).toBe(true);
  await waitUntil("the child has drained and ended", () => !isAlive(pid));
});

it("ends a child that said that it leaves and does not, long before its grace is over", async () => {
  const ends: (string | null)[] = [];
  const child = superviseChild({
    name: "lingering",
    script: program("lingering-child"),
    env: () => process.env,
    backoff,
    onLine: () => undefined,
    onExit: (_code, signal) => ends.push(signal),
  });
  await child.ready;
  await child.stop(25_000);
  expect(ends).toEqual(["SIGKILL"]);
}, 20_000);
