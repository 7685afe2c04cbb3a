import { setTimeout as sleep } from "node:timers/promises";
import { waitUntil } from "@pilotlight/testkit";
import { expect, it } from "vitest";
import { startProgram } from "./start-program.ts";

it("tells its parent that it is ready and where, drains on SIGTERM, stops, and exits with 0", async () => {
  const program = startProgram("slow-service");
  await waitUntil("it is ready", () => program.messages.length > 0);
  expect(program.messages).toEqual([{ type: "ready", url: "http://127.0.0.1:1" }]);
  program.child.kill("SIGTERM");
  expect(await program.exit).toBe(0);
  expect(program.lines).toEqual(["starting", "started", "draining", "drained", "stopped"]);
});

it("does not take the copy of a signal for a second wish, but a later one", async () => {
  const program = startProgram("slow-service", { DRAIN_MS: "60000" });
  await program.said("started");
  program.child.kill("SIGINT");
  program.child.kill("SIGTERM");
  await program.said("draining");
  // The copy would have ended it by now; only the clock tells a copy from a wish, so this waits for the clock.
  await sleep(1200);
  expect(program.lines).not.toContain("stopped");
  program.child.kill("SIGINT");
  expect(await program.exit).toBe(0);
  expect(program.lines).toEqual(["starting", "started", "draining", "stopped"]);
});

it("does not wait longer than it may for a drain", async () => {
  const program = startProgram("slow-service", { DRAIN_MS: "60000", DRAIN_TIMEOUT_MS: "50" });
  await program.said("started");
  program.child.kill("SIGTERM");
  expect(await program.exit).toBe(0);
  expect(program.lines.at(-1)).toBe("stopped");
});

it("drains when its parent is gone", async () => {
  const program = startProgram("slow-service");
  await program.said("started");
  program.child.disconnect();
  expect(await program.exit).toBe(0);
  expect(program.lines).toContain("drained");
});

it("gets ready and drains in order when it is told to end while it still starts", async () => {
  const program = startProgram("slow-service", { START_MS: "200" });
  await program.said("starting");
  program.child.kill("SIGTERM");
  expect(await program.exit).toBe(0);
  expect(program.lines).toEqual(["starting", "started", "draining", "drained", "stopped"]);
});

it("does not wait for a start that hangs when it is told to end twice", async () => {
  const program = startProgram("slow-service", { START_MS: "60000" });
  await program.said("starting");
  program.child.kill("SIGTERM");
  await sleep(1200);
  program.child.kill("SIGTERM");
  expect(await program.exit).toBe(1);
  expect(program.lines.at(-1)).toBe("stopped");
});

it("exits at once on SIGQUIT", async () => {
  const program = startProgram("slow-service");
  await program.said("started");
  program.child.kill("SIGQUIT");
  expect(await program.exit).toBe(131);
  expect(program.lines).toEqual(["starting", "started"]);
});

it("exits with 78 and says the fault where the configuration is at fault", async () => {
  const program = startProgram("slow-service", { FAULT: "http.port: is wrong" });
  expect(await program.exit).toBe(78);
  expect(program.lines.join("\n")).toMatch(/CONFIG_INVALID.*http\.port: is wrong/s);
});
