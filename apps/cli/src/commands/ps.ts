import type { SessionView, WorkerView } from "@pilotlight/contracts";
import { Command } from "commander";
import { type ApiOptions, clientOf, withApiOptions } from "../api-options.ts";
import { duration, megabytes, table } from "../table.ts";

export function psCommand(): Command {
  return withApiOptions(new Command("ps"))
    .description("workers and their sessions")
    .action(async (options: ApiOptions) => {
      const client = clientOf(options);
      const [workers, sessions] = await Promise.all([client.listWorkers(), client.listSessions()]);
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ workers, sessions })}\n`
          : `${workerTable(workers)}\n\n${sessionTable(sessions)}\n`,
      );
    });
}

function workerTable(workers: readonly WorkerView[]): string {
  return workers.length === 0
    ? "no worker is running"
    : table(
        ["WORKER", "STATE", "SESSIONS", "STANDBY", "MEMORY", "PID", "HOST", "UP"],
        workers.map((worker) => [
          worker.id,
          worker.state,
          `${worker.sessions}/${worker.maxSessions}`,
          standby(worker),
          megabytes(worker.rssBytes),
          String(worker.pid),
          worker.host,
          duration(Math.max(0, Date.now() - worker.startedAt)),
        ]),
      );
}

/** Sessions that are ready now, and how many new channels found one and found none. */
function standby({ standby: figures }: WorkerView): string {
  if (figures === undefined) {
    return "-";
  }
  const { ready, adopted, missed } = figures;
  return `${ready} ready, ${adopted} taken, ${missed} missed`;
}

/** Busy ones first, then by how long they have been idle. */
function sessionTable(sessions: readonly SessionView[]): string {
  return sessions.length === 0
    ? "no session is open"
    : table(
        ["CHANNEL", "STATE", "IDLE", "AGENT", "PID", "MEMORY", "WORKER"],
        sessions
          .toSorted((a, b) => a.idleMs - b.idleMs)
          .map((session) => [
            session.channel,
            session.state,
            session.state === "warm" ? duration(session.idleMs) : "-",
            session.agent,
            String(session.pid ?? "-"),
            megabytes(session.rssBytes),
            session.worker,
          ]),
      );
}
