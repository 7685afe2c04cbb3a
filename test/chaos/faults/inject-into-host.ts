import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "../plan/make-plan.ts";
import { agentProcesses } from "../system/processes.ts";
import { signal } from "../system/signal.ts";
import type { ChaosSystem } from "../system/start-system.ts";
import type { Injected } from "./inject-fault.ts";
import { waitForEnd } from "./wait-for-end.ts";

type HostFault = Extract<Fault, { readonly host: number }>;

export async function injectIntoHost(system: ChaosSystem, fault: HostFault): Promise<Injected> {
  const host = system.hosts[fault.host];
  const running = host?.running;
  if (host === undefined || running === undefined) {
    return {};
  }
  const { warden, worker, owner } = running;
  const left = async (): Promise<Injected> => ({
    orphans: await waitForEnd(system.dir, owner, `${fault.kind} on host ${fault.host}`),
  });
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
      return {};
    case "lose-host": {
      await host.lose();
      const [lost] = await Promise.all([left(), sleep(fault.forMs)]);
      host.comeBack();
      return lost;
    }
    case "partition":
      host.setConnected(false);
      await sleep(fault.forMs);
      host.setConnected(true);
      return {};
    case "freeze-worker":
      await freeze([worker], fault.forMs);
      return {};
    case "freeze-agent":
      await freeze(agentProcesses(system.dir, owner).slice(0, 1), fault.forMs);
      return {};
    case "freeze-host": {
      // A machine that stands still: what runs on it stands still too.
      const fromMs = Date.now();
      await freeze(running.all(), fault.forMs);
      return { freeze: { owner, fromMs, untilMs: Date.now() } };
    }
    case "kill-agent":
      signal(agentProcesses(system.dir, owner)[0], "SIGKILL");
      return {};
  }
}

async function freeze(pids: readonly number[], forMs: number): Promise<void> {
  for (const pid of pids) {
    signal(pid, "SIGSTOP");
  }
  await sleep(forMs);
  for (const pid of pids) {
    signal(pid, "SIGCONT");
  }
}
