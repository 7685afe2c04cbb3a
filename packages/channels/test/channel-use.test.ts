import { waitUntil } from "@pilotlight/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openTestChannels, type TestChannels } from "./open-test-channels.ts";
import { dispatchOf, settlement } from "./run-prompt.ts";

let channels: TestChannels;
beforeEach(async () => {
  channels = await openTestChannels();
});
afterEach(() => channels.close());

it("a channel was used last when its last prompt was accepted, however long that one took", async () => {
  await channels.enqueue("ops", "p_1");
  const { acceptedAt = 0 } = (await channels.client.getPrompt("p_1")) ?? {};
  const owned = await channels.claimOne(await channels.worker("w1"));
  await owned.fetch();
  await waitUntil("time has passed", () => Date.now() > acceptedAt + 10);
  await owned.dispatch(dispatchOf("p_1"));
  await owned.settle(settlement("p_1"));
  await channels.client.setChannel("quiet", { title: "nobody speaks" });
  expect((await channels.client.getChannel("ops"))?.lastUsedAt).toBe(acceptedAt);
  expect(await channels.client.getChannel("quiet")).not.toHaveProperty("lastUsedAt");
  const { items } = await channels.client.listChannels(10);
  expect(items.map(({ channel, lastUsedAt }) => [channel, lastUsedAt])).toEqual([
    ["quiet", undefined],
    ["ops", acceptedAt],
  ]);
});

it("a channel that is to keep no sessions any more keeps none", async () => {
  await channels.enqueue("ops", "p_1");
  const owned = await channels.claimOne(await channels.worker("w1"));
  await owned.fetch();
  const sessions = [{ id: "s1", agent: "demo", store: "abc" }];
  await owned.dispatch(dispatchOf("p_1", { sessions }));
  await owned.settle(settlement("p_1"));
  expect((await owned.readChannel())?.sessions).toEqual(sessions);
  await owned.release({ sessions: [] });
  expect((await channels.client.getChannel("ops"))?.sessions).toEqual([]);
});
