import { afterEach, beforeEach, expect, it } from "vitest";
import { openTestChannels, type TestChannels } from "./open-test-channels.ts";

let channels: TestChannels;
beforeEach(async () => {
  channels = await openTestChannels();
});
afterEach(() => channels.close());

const DEMO = { state: "dead", since: 1, reason: "gone", good: 2, failed: 3, answered: 7 } as const;
const FIGURES = { state: "running", rssBytes: 1, sessionRssBytes: {} } as const;

it("lists what each live worker knows of its agents", async () => {
  const [one, two] = [await channels.worker("w1"), await channels.worker("w2")];
  await one.showWorker({ ...FIGURES, agents: { demo: DEMO } });
  await two.showWorker({ ...FIGURES, state: "draining" });
  const health = await channels.client.listWorkerHealth();
  expect(health.toSorted((a, b) => a.worker.localeCompare(b.worker))).toEqual([
    { worker: "w1", host: "test", draining: false, agents: { demo: DEMO } },
    { worker: "w2", host: "test", draining: true, agents: {} },
  ]);
  await one.stop();
  expect((await channels.client.listWorkerHealth()).map(({ worker }) => worker)).toEqual(["w2"]);
});

it("tells every worker, again and again, which agents somebody wishes to be probed", async () => {
  let bells = 0;
  const one = await channels.worker("w1", 15_000, { onAssignBell: () => (bells += 1) });
  const two = await channels.worker("w2");
  expect(await one.tick(0)).toMatchObject({ probes: [] });
  const asked = await channels.client.requestProbe("demo");
  const wish = { probes: [{ agent: "demo", asked }] };
  expect(await one.tick(0)).toMatchObject(wish);
  expect(await one.tick(0)).toMatchObject(wish);
  expect(await two.tick(0)).toMatchObject(wish);
  expect(await channels.redis.pttl("{pl}:probes")).toBeGreaterThan(0);
  await expect.poll(() => bells).toBeGreaterThan(0);
});

it("gives each wish a name of its own, however fast they come", async () => {
  const names = await Promise.all(
    Array.from({ length: 20 }, () => channels.client.requestProbe("demo")),
  );
  expect(new Set(names).size).toBe(20);
});
