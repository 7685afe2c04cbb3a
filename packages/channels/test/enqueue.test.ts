import { afterEach, beforeEach, expect, it } from "vitest";
import { openTestChannels, type TestChannels } from "./open-test-channels.ts";
import { runPrompt } from "./run-prompt.ts";

let channels: TestChannels;
beforeEach(async () => {
  channels = await openTestChannels();
});
afterEach(() => channels.close());

it("accepts the same prompt once, however many ask at the same time", async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 100 }, () => channels.enqueue("ops", "p_1")),
  );
  expect(outcomes.filter((outcome) => outcome.at === "accepted")).toHaveLength(1);
  expect(outcomes.filter((outcome) => outcome.at === "duplicate")).toHaveLength(99);
  expect(await channels.redis.lrange("{pl}:q:ops:wait", 0, -1)).toEqual(["p_1"]);
});

it("tells another prompt under a used id from a repeated one", async () => {
  await channels.enqueue("ops", "p_1", "first");
  expect(await channels.enqueue("ops", "p_1", "second")).toEqual({ at: "reused", promptId: "p_1" });
  expect((await channels.client.getPrompt("p_1"))?.prompt).toBe("first");
});

it("refuses what a full channel cannot take, and leaves no job behind", async () => {
  for (let i = 0; i < 5; i += 1) {
    expect((await channels.enqueue("ops", `p_${i}`)).at).toBe("accepted");
  }
  expect(await channels.enqueue("ops", "p_6")).toEqual({ at: "channel-full", depth: 5, limit: 5 });
  expect(await channels.redis.llen("{pl}:q:ops:wait")).toBe(5);
  expect(await channels.client.getPrompt("p_6")).toBeUndefined();
});

it("accepts whole what was refused a moment ago", async () => {
  for (let i = 0; i < 5; i += 1) {
    await channels.enqueue("ops", `p_${i}`);
  }
  expect((await channels.enqueue("ops", "p_6")).at).toBe("channel-full");
  await channels.redis.del("{pl}:q:ops:wait");
  expect((await channels.enqueue("ops", "p_6")).at).toBe("accepted");
  expect(await channels.redis.lrange("{pl}:q:ops:wait", 0, -1)).toEqual(["p_6"]);
});

it("does not run a finished prompt again when it is sent once more", async () => {
  const worker = await channels.worker("w1");
  await channels.enqueue("ops", "p_1");
  const [owned] = await channels.claim(worker);
  expect(await owned?.fetch()).toBe("p_1");
  if (owned !== undefined) {
    await runPrompt(owned, "p_1");
    await owned.release();
  }
  expect((await channels.enqueue("ops", "p_1")).at).toBe("duplicate");
  const [again] = await channels.claim(worker);
  expect(await again?.fetch()).toBeUndefined();
});

it("lists newest first, by channel and by state, page by page", async () => {
  for (const id of ["p_1", "p_2", "p_3"]) {
    await channels.enqueue("ops", id);
  }
  await channels.enqueue("other", "p_4");
  const first = await channels.client.listPrompts({ channel: "ops", limit: 2 });
  expect(first.items.map((prompt) => prompt.id)).toEqual(["p_3", "p_2"]);
  const second = await channels.client.listPrompts({
    channel: "ops",
    limit: 2,
    cursor: first.nextCursor ?? "",
  });
  expect(second.items.map((prompt) => prompt.id)).toEqual(["p_1"]);
  const accepted = await channels.client.listPrompts({ state: "accepted", limit: 10 });
  expect(accepted.items).toHaveLength(4);
  expect((await channels.client.listPrompts({ state: "failed", limit: 10 })).items).toEqual([]);
});

it("accepts a prompt whole although the server forgot its scripts", async () => {
  await channels.enqueue("ops", "p_1");
  await channels.redis.script("FLUSH");
  expect((await channels.enqueue("ops", "p_2")).at).toBe("accepted");
  expect((await channels.client.getPrompt("p_2"))?.state).toBe("accepted");
  expect(await channels.redis.lrange("{pl}:q:ops:wait", 0, -1)).toEqual(["p_2", "p_1"]);
});
