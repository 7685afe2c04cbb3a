import { readFileSync } from "node:fs";
import { join } from "node:path";
import { waitUntil } from "@pilotlight/testkit";
import { expect, it } from "vitest";
import { supervise } from "./supervise.ts";

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it("starts one ingress, one board and as many wardens as wanted, and says the ingress's URL once", async () => {
  const { supervisor, urls, events } = supervise();
  await supervisor.start();
  expect(urls).toEqual(["http://stand-in-ingress"]);
  expect(
    events()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(["board", "ingress", "warden", "warden"]);
});

it("tells the ingress alone what signs callbacks", async () => {
  const { supervisor, events } = supervise({ CALLBACK_SECRET: "whsec_x" });
  await supervisor.start();
  const knowing = events().filter(({ what }) => what === "knows-the-secret");
  expect(knowing.map(({ name }) => name)).toEqual(["ingress"]);
});

it("starts a child that crashed again, and says so", async () => {
  const { supervisor, events, lines } = supervise();
  await supervisor.start();
  const board = events().find(({ name }) => name === "board");
  process.kill(board?.pid ?? 0, "SIGKILL");
  await waitUntil("another board runs", () => {
    return events().filter(({ name, what }) => name === "board" && what === "started").length === 2;
  });
  expect(lines).toContain("board ended (SIGKILL); it is started again");
});

it("drains the wardens first, then ends ingress and board, and lets Redis go last", async () => {
  const { supervisor, order, events, lines } = supervise({ DRAIN_MS: "300" });
  await supervisor.start();
  await supervisor.drain();
  await supervisor.stop();
  expect(order.slice(4).sort()).toEqual(
    [
      ...["warden draining", "warden draining", "warden stopped", "warden stopped"],
      ...["ingress draining", "ingress stopped", "board draining", "board stopped"],
      "redis may go",
    ].sort(),
  );
  expect(order.at(-1)).toBe("redis may go");
  expect(lines).toEqual([
    "draining: running turns may finish, for 60 s at most (Ctrl-C again to stop now)",
  ]);
  expect(order.lastIndexOf("warden stopped")).toBeLessThan(order.indexOf("ingress draining"));
  expect(events().filter(({ pid }) => isAlive(pid))).toEqual([]);
});

it("stops at once what drains too long, when it is told to stop", async () => {
  const { supervisor, events, lines } = supervise({ DRAIN_MS: "3600000" }, 1);
  await supervisor.start();
  const drained = supervisor.drain();
  await waitUntil("the warden drains", () => events().some(({ what }) => what === "draining"));
  // A later signal than the first by what tells a second wish from a copy.
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await supervisor.stop();
  await drained;
  expect(lines.at(-1)).toBe("stopping now: turns that still run are cut off");
  expect(events().filter(({ pid }) => isAlive(pid))).toEqual([]);
});

it("starts nothing by halves: where one child fails, all end, and its reason is shown and kept", async () => {
  const { supervisor, lines, events, dataDir, urls } = supervise({ FAIL: "stand-in-board" });
  await expect(supervisor.start()).rejects.toThrow("board exited (1) before it was ready");
  expect(lines).toContain("board: could not start: it has a reason");
  expect(readFileSync(join(dataDir, "logs", "board.log"), "utf8")).toContain("it has a reason");
  expect(urls).toEqual([]);
  expect(events().filter(({ pid }) => isAlive(pid))).toEqual([]);
});
