import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "@pilotlight/testkit";
import { keepProcess } from "./keep-process.ts";
import type { Link } from "./links/start-links.ts";
import type { Network } from "./network.ts";
import { agentOwnerOf, agentProcesses, childrenOf, treeOf } from "./processes.ts";
import { signal } from "./signal.ts";

/** A machine with a warden, as far as one can be had: see the README for what it is made of. */
export interface Host {
  /** What of it runs now; undefined while it is between two lives. */
  readonly running: RunningHost | undefined;
  /** Its way to Redis. */
  readonly link: Link;
  setConnected(connected: boolean): void;
  /** The power goes: every process ends at once. */
  lose(): Promise<void>;
  /** After `lose`. */
  comeBack(): void;
  stop(): Promise<void>;
}

export interface RunningHost {
  readonly warden: number;
  readonly worker: number;
  /** The mark of the worker's agents. */
  readonly owner: string;
  /** All processes of the host. */
  all(): number[];
}

export interface HostOptions {
  readonly name: string;
  /** Absent: the host is a group of processes among ours. */
  readonly network: Network | undefined;
  readonly link: Link;
  readonly env: Readonly<Record<string, string>>;
  readonly dir: string;
  readonly logFile: string;
}

const WARDEN = new URL("../../../apps/worker/src/warden-main.ts", import.meta.url).pathname;
const GONE_MS = 5000;

/**
 * The first process of a host. It starts the warden again whenever it ends, until it is told to end with it. As a shell it
 * also collects orphans.
 */
const INIT = `
[ -z "$1" ] || echo "$1" > /proc/sys/kernel/hostname
ended=
trap 'ended=1; kill -TERM "$warden" 2>/dev/null' TERM
while [ -z "$ended" ]; do
  "$2" "$3" & warden=$!
  while kill -0 "$warden" 2>/dev/null; do wait "$warden"; done
  [ -n "$ended" ] || sleep 0.3
done`;

export function startHost(options: HostOptions): Host {
  const { network, link, dir } = options;
  const kept = keepProcess(
    [
      ...(network === undefined ? [] : intoNamespaces(network)),
      ...["/bin/sh", "-c", INIT, "init", network === undefined ? "" : options.name],
      ...[process.execPath, WARDEN],
    ],
    { env: { ...options.env, REDIS_URL: link.url }, logFile: options.logFile },
  );

  /** `unshare` is the parent of a namespace's first process. */
  function initOf(pid: number | undefined): number | undefined {
    return network === undefined || pid === undefined ? pid : childrenOf(pid)[0];
  }

  function running(): RunningHost | undefined {
    const init = initOf(kept.pid);
    for (const warden of init === undefined ? [] : childrenOf(init)) {
      const [worker] = childrenOf(warden);
      const owner = worker === undefined ? undefined : agentOwnerOf(worker);
      if (init !== undefined && worker !== undefined && owner !== undefined) {
        const all = () => [...new Set([...treeOf(init), ...agentProcesses(dir, owner)])];
        return { warden, worker, owner, all };
      }
    }
    return undefined;
  }

  function setConnected(connected: boolean): void {
    if (network !== undefined) {
      network.setConnected(connected);
    } else if (connected) {
      link.heal();
    } else {
      link.blackHole();
    }
  }

  return {
    link,
    get running() {
      return running();
    },
    setConnected,
    async lose() {
      const all = running()?.all() ?? [];
      // A machine without power says no goodbye: its connections just fall silent.
      setConnected(false);
      await kept.pause(() => {
        const init = initOf(kept.pid);
        // A namespace ends with its first process, to the last one. Without one they are killed one by one.
        for (const pid of network === undefined ? [init, ...all] : [init]) {
          signal(pid, "SIGKILL");
        }
      });
      for (let waitedMs = 0; all.some(isAlive) && waitedMs < GONE_MS; waitedMs += 20) {
        await sleep(20);
      }
    },
    comeBack() {
      link.cut();
      setConnected(true);
      kept.start();
    },
    async stop() {
      await kept.stop((pid) => signal(initOf(pid), "SIGTERM"));
      link.close();
    },
  };
}

/** Network, pids and name of its own. */
function intoNamespaces({ namespace }: Network): string[] {
  return [
    ...["ip", "netns", "exec", namespace],
    ...["unshare", "--uts", "--pid", "--fork", "--kill-child=KILL", "--mount-proc", "--"],
  ];
}
