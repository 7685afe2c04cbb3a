import { readdirSync, readFileSync } from "node:fs";
import { canContain } from "@pilotlight/agents";
import { isAlive, waitUntil } from "@pilotlight/testkit";
import { afterEach, expect, it } from "vitest";
import { openWardenBed, type WardenBed } from "./support/start-wardens.ts";

/** An agent that only SIGKILL ends, of which nothing is known about its changes. */
const STUBBORN = `
[agents.demo]
asks_before_changes = false
set = { DEMO_CHUNK_MS = "0", DEMO_IGNORE_TERM = "1", DEMO_IGNORE_EOF = "1" }
[workers]
drain_secs = 5
`;
const BUSY = "[[chunk-ms 100]] [[words 30]]";

let bed: WardenBed;
afterEach(() => bed.close());

it("hands the channels of a killed worker to another one when its agents are dead", async () => {
  bed = await openWardenBed({ leaseTtlSecs: 60, config: STUBBORN });
  const wardens = [await bed.start(), await bed.start()];
  const id = await bed.send("ops", BUSY);
  const [first] = (await bed.running(id)).attempts;
  const agent = await bed.agentPid("ops");
  const pids = await Promise.all(wardens.map((warden) => warden.workerPid()));
  const victim = pids.find((pid) => first?.worker.includes(`-${pid}-`)) ?? 0;
  process.kill(victim, "SIGKILL");
  await waitUntil("the turn goes on", async () => (await bed.prompt(id)).attempts.length === 2);
  expect(isAlive(agent)).toBe(false);
  const prompt = await bed.finished(id);
  expect(prompt).toMatchObject({
    state: "completed",
    attempts: [{}, { recovery: "continue", opened: "resumed" }],
  });
  // Nobody waited for the lease to end.
  expect(prompt.timings.totalMs).toBeLessThan(30_000);
  expect(await bed.redis.hkeys("{pl}:workers")).not.toContain(first?.worker);
}, 60_000);

it("ends a frozen worker and its agents while its leases still keep others away", async () => {
  bed = await openWardenBed({ leaseTtlSecs: 5, config: STUBBORN });
  const warden = await bed.start();
  const id = await bed.send("ops", `${BUSY} [[child 60]]`);
  const [first] = (await bed.running(id)).attempts;
  const agent = await bed.agentPid("ops");
  const worker = await warden.workerPid();
  process.kill(worker, "SIGSTOP");
  await waitUntil("the agent is dead", () => !isAlive(agent));
  expect(await bed.redis.exists(`{pl}:worker:${first?.worker}`)).toBe(1);
  expect((await bed.finished(id)).attempts).toHaveLength(2);
  expect(isAlive(worker)).toBe(false);
}, 60_000);

it("stops worker and agents at once when the warden is gone, and gives the channels back", async () => {
  bed = await openWardenBed({ leaseTtlSecs: 60, config: STUBBORN });
  const warden = await bed.start();
  const id = await bed.send("ops", BUSY);
  const [first] = (await bed.running(id)).attempts;
  const agent = await bed.agentPid("ops");
  const worker = await warden.workerPid();
  warden.kill("SIGKILL");
  await waitUntil("both are gone", () => !isAlive(agent) && !isAlive(worker));
  expect(await bed.redis.exists(`{pl}:worker:${first?.worker}`)).toBe(0);
  await bed.start();
  expect(await bed.finished(id)).toMatchObject({
    state: "completed",
    attempts: [{ outcome: "interrupted" }, { recovery: "continue" }],
  });
}, 60_000);

it("ends what a worker and its warden left when both died, before the next worker starts", async () => {
  bed = await openWardenBed({
    leaseTtlSecs: 60,
    config: `${STUBBORN}containment = "none"\n`,
  });
  const warden = await bed.start();
  const id = await bed.send("ops", `[[child 60]] ${BUSY} [[hang deaf]]`);
  await bed.running(id);
  const agent = await bed.agentPid("ops");
  const worker = await warden.workerPid();
  process.kill(worker, "SIGSTOP");
  warden.kill("SIGKILL");
  process.kill(worker, "SIGKILL");
  await warden.gone;
  expect(isAlive(agent)).toBe(true);
  await bed.start();
  expect(isAlive(agent)).toBe(false);
  // Its leases went with it, although they would have lasted for a minute.
  await waitUntil("the turn goes on", async () => (await bed.prompt(id)).attempts.length === 2);
}, 60_000);

it("finishes the running turn when it is told to end, and the next owner resumes", async () => {
  bed = await openWardenBed({
    leaseTtlSecs: 60,
    config: '[agents.demo]\nset = { DEMO_CHUNK_MS = "0" }',
  });
  const warden = await bed.start();
  const id = await bed.send("ops", "[[chunk-ms 50]] [[words 30]] my number is 42");
  await bed.running(id);
  const agent = await bed.agentPid("ops");
  const next = await bed.send("ops", "and now?");
  warden.kill("SIGTERM");
  await warden.gone;
  expect(isAlive(agent)).toBe(false);
  expect(await bed.prompt(id)).toMatchObject({ state: "completed", attempts: [{}] });
  expect((await bed.prompt(next)).state).toBe("accepted");
  await bed.start();
  const answered = await bed.finished(next);
  expect(answered).toMatchObject({ state: "completed", session: { opened: "resumed" } });
  expect(answered.text).toContain("my number is 42");
}, 60_000);

it("leaves no process of an agent when worker and warden are killed together", async ({ skip }) => {
  skip(!(await canContain("namespace")), "needs pid namespaces");
  bed = await openWardenBed({
    leaseTtlSecs: 60,
    config: `${STUBBORN}containment = "namespace"\n`,
  });
  const warden = await bed.start();
  const id = await bed.send("ops", `[[child 60]] ${BUSY}`);
  await bed.running(id);
  const agent = await bed.agentPid("ops");
  const [mark] =
    /PILOTLIGHT_TREE=[^\0]+/.exec(readFileSync(`/proc/${agent}/environ`, "utf8")) ?? [];
  await waitUntil("its tool runs", () => carrying(mark ?? "").length >= 4);
  const worker = await warden.workerPid();
  process.kill(warden.pid, "SIGSTOP");
  process.kill(worker, "SIGKILL");
  warden.kill("SIGKILL");
  await waitUntil("nothing is left", () => carrying(mark ?? "").length === 0, 2000);
}, 60_000);

it("takes over from a machine that is lost once its leases have ended", async () => {
  bed = await openWardenBed({ leaseTtlSecs: 2, config: STUBBORN });
  const lost = await bed.start();
  // Longer than the other machine takes to start, also where this one is busy.
  const id = await bed.send("ops", "[[chunk-ms 100]] [[words 90]]");
  const [first] = (await bed.running(id)).attempts;
  const agent = await bed.agentPid("ops");
  const worker = await lost.workerPid();
  await bed.start();
  lost.kill("SIGSTOP");
  for (const pid of [worker, agent]) {
    process.kill(pid, "SIGKILL");
  }
  lost.kill("SIGKILL");
  const prompt = await bed.finished(id);
  expect(prompt).toMatchObject({ state: "completed", attempts: [{}, { recovery: "continue" }] });
  expect(prompt.attempts[1]?.worker).not.toBe(first?.worker);
  expect(await bed.redis.hkeys("{pl}:workers")).not.toContain(first?.worker);
}, 60_000);

/** Live processes of this machine with this in their environment. */
function carrying(mark: string): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && isAlive(pid))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "utf8").includes(mark);
      } catch {
        return false;
      }
    });
}
