import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "@pilotlight/testkit";
import type { Orphans } from "../check/history.ts";
import type { Fault } from "../plan/make-plan.ts";
import { agentOwnerOf, agentProcesses, childrenOf } from "../system/agent-processes.ts";
import type { ChaosSystem } from "../system/start-system.ts";

/** How long a killed worker's agents may live on. */
const ORPHANS_MS = 2000;
const REDIS_AWAY_MS = 500;

/**
 * Does it, waits until it is healed, and tells which processes it left behind. What is not there at the moment (a host
 * between two lives) is passed over.
 */
export async function injectFault(system: ChaosSystem, fault: Fault): Promise<Orphans | undefined> {
  switch (fault.kind) {
    case "kill-ingress":
      signal(system.ingresses[fault.ingress]?.pid, "SIGKILL");
      return undefined;
    case "kill-redis":
      await system.redis.end("SIGKILL");
      await sleep(REDIS_AWAY_MS);
      await system.redis.startAgain();
      return undefined;
    case "freeze-redis":
      system.redis.signal("SIGSTOP");
      await sleep(fault.forMs);
      system.redis.signal("SIGCONT");
      return undefined;
    default:
      return await injectIntoHost(system, fault);
  }
}

type HostFault = Extract<Fault, { readonly host: number }>;

async function injectIntoHost(system: ChaosSystem, fault: HostFault): Promise<Orphans | undefined> {
  const warden = system.hosts[fault.host]?.pid;
  const worker = warden === undefined ? undefined : childrenOf(warden)[0];
  const owner = worker === undefined ? undefined : agentOwnerOf(worker);
  if (warden === undefined || worker === undefined || owner === undefined) {
    return undefined;
  }
  const left = async () => {
    await sleep(ORPHANS_MS);
    return {
      after: `${fault.kind} on host ${fault.host}`,
      pids: agentProcesses(system.dir, owner),
    };
  };
  switch (fault.kind) {
    case "kill-worker":
      signal(worker, "SIGKILL");
      return await left();
    case "kill-warden":
      signal(warden, "SIGKILL");
      return await left();
    case "kill-pair":
      // Frozen first, so that neither does anything about the other's end.
      signal(warden, "SIGSTOP");
      signal(worker, "SIGKILL");
      signal(warden, "SIGKILL");
      return await left();
    case "restart-host":
      signal(warden, "SIGTERM");
      return undefined;
    case "freeze-worker":
      signal(worker, "SIGSTOP");
      await sleep(fault.forMs);
      signal(worker, "SIGCONT");
      return undefined;
    case "freeze-pair":
      // A machine that stands still: what runs on it stands still too.
      return await freezeHost([warden, worker, ...agentProcesses(system.dir, owner)], fault.forMs);
    case "kill-agent": {
      const [agent] = agentProcesses(system.dir, owner);
      signal(agent, "SIGKILL");
      return undefined;
    }
  }
}

async function freezeHost(pids: readonly number[], forMs: number): Promise<undefined> {
  for (const pid of pids) {
    signal(pid, "SIGSTOP");
  }
  await sleep(forMs);
  for (const pid of pids) {
    signal(pid, "SIGCONT");
  }
  return undefined;
}

function signal(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid !== undefined && isAlive(pid)) {
    try {
      process.kill(pid, name);
    } catch {
      // Gone at this very moment: as good as hit.
    }
  }
}
