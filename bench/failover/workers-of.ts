import { isAlive, type RunningPilotlight } from "@pilotlight/testkit";
import { waitUntil } from "../harness/wait-until.ts";

const READY_MS = 30_000;

/** Process ids of what has the channel's session. */
export async function holderOf(
  system: RunningPilotlight,
  channel: string,
): Promise<{ readonly worker: number; readonly agent: number }> {
  const sessions = await listOf<{ channel: string; worker: string; pid: number }>(
    system,
    "/v1/sessions",
  );
  const session = sessions.find((one) => one.channel === channel);
  const workers = await listOf<{ id: string; pid: number }>(system, "/v1/workers");
  const worker = workers.find(({ id }) => id === session?.worker);
  if (session === undefined || worker === undefined) {
    throw new Error(`nobody has a session of ${channel}`);
  }
  return { worker: worker.pid, agent: session.pid };
}

/** Waits until so many workers run. */
export async function workersRun(system: RunningPilotlight, count: number): Promise<void> {
  const enough = async () => {
    const workers = await listOf<{ pid: number }>(system, "/v1/workers");
    return workers.filter(({ pid }) => isAlive(pid)).length === count;
  };
  await waitUntil("all workers run", enough, READY_MS);
}

async function listOf<T>(system: RunningPilotlight, path: string): Promise<readonly T[]> {
  return ((await (await system.fetch(path)).json()) as { items: T[] }).items;
}
