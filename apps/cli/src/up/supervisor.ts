import type { PilotlightConfig } from "@pilotlight/contracts";
import {
  type Service,
  type SupervisedChild,
  superviseChild,
  withDeadline,
} from "@pilotlight/lifecycle";
import { createChildLog } from "./child-log.ts";

export interface SupervisorOptions {
  readonly config: PilotlightConfig;
  /** What every child gets; they read their configuration from it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The programs; others than ours in tests. */
  readonly scripts?: SupervisedScripts;
  onLine(line: string): void;
  onReady(url: string): void;
  /** After the last child. */
  onStopped(): Promise<void>;
}

export interface SupervisedScripts {
  readonly ingress: string;
  readonly board: string;
  readonly warden: string;
}

const OURS: SupervisedScripts = {
  ingress: new URL("../../../ingress/src/main.ts", import.meta.url).pathname,
  board: new URL("../../../board/src/main.ts", import.meta.url).pathname,
  warden: new URL("../../../worker/src/warden-main.ts", import.meta.url).pathname,
};
const READY_WITHIN_MS = 60_000;
const READ_ONLY_GRACE_MS = 10_000;

/** One ingress, one board and N wardens, each a process of its own; all are restarted when they crash. */
export function createSupervisor(options: SupervisorOptions): Service {
  const { config, scripts = OURS } = options;
  const workers: SupervisedChild[] = [];
  const others: SupervisedChild[] = [];
  let stopping: Promise<void> | undefined;
  let ended = false;

  /** Of the secrets that sign callbacks only the ingress is to know, agents least of all. */
  const signing = new Set(config.callbacks.secrets.map(({ env }) => env));
  const withoutSecrets = Object.fromEntries(
    Object.entries(options.env).filter(([name]) => !signing.has(name)),
  );

  function run(name: string, script: string, env: SupervisorOptions["env"]): SupervisedChild {
    const log = createChildLog(config.dataDir, name, options.onLine);
    return superviseChild({
      name,
      script,
      env: () => env,
      onLine: log,
      onExit: (code, signal) => {
        if (stopping === undefined) {
          options.onLine(`${name} ended (${signal ?? code}); it is started again`);
        }
      },
    });
  }

  async function end(hard: boolean): Promise<void> {
    const drainMs = hard ? 0 : config.workers.drainMs + 10_000;
    // Clients hear of the turns that end while the workers drain, so the ingress goes last.
    await Promise.all(workers.map((child) => child.stop(drainMs)));
    await Promise.all(others.map((child) => child.stop(hard ? 0 : READ_ONLY_GRACE_MS)));
    await options.onStopped();
    ended = true;
  }

  return {
    async start() {
      others.push(
        run("ingress", scripts.ingress, options.env),
        run("board", scripts.board, withoutSecrets),
      );
      for (let i = 1; i <= config.workers.count; i += 1) {
        workers.push(run(`worker-${i}`, scripts.warden, withoutSecrets));
      }
      try {
        const [ready] = await Promise.all([...others, ...workers].map(readyInTime));
        options.onReady(ready?.url ?? "");
      } catch (error) {
        stopping = end(true);
        await stopping;
        throw error;
      }
    },

    async drain() {
      const secs = config.workers.drainMs / 1000;
      options.onLine(
        `draining: running turns may finish, for ${secs} s at most (Ctrl-C again to stop now)`,
      );
      stopping ??= end(false);
      await stopping;
    },

    async stop() {
      if (stopping === undefined) {
        stopping = end(true);
      } else if (!ended) {
        options.onLine("stopping now: turns that still run are cut off");
        for (const child of [...workers, ...others]) {
          child.signal("SIGTERM");
        }
      }
      await stopping;
    },
  };
}

async function readyInTime(child: SupervisedChild) {
  return await withDeadline(
    child.ready,
    READY_WITHIN_MS,
    () => new Error(`${child.name} was not ready within ${READY_WITHIN_MS / 1000} s; see its log`),
  );
}
