import { Command } from "commander";
import { type ApiOptions, clientOf, withApiOptions } from "../api-options.ts";
import { duration, megabytes, table } from "../table.ts";

export function psCommand(): Command {
  return withApiOptions(new Command("ps"))
    .description("workers and their sessions")
    .action(async (options: ApiOptions) => {
      const client = clientOf(options);
      const [workers, sessions] = await Promise.all([client.listWorkers(), client.listSessions()]);
      if (options.json) {
        process.stdout.write(`${JSON.stringify({ workers, sessions })}\n`);
        return;
      }
      const workerRows = workers.map((worker) => [
        worker.id,
        worker.state,
        `${worker.sessions}/${worker.maxSessions}`,
        megabytes(worker.rssBytes),
        String(worker.pid),
      ]);
      const sessionRows = sessions.map((session) => [
        session.channel,
        session.state,
        session.agent,
        session.state === "busy" ? "-" : duration(session.idleMs),
        megabytes(session.rssBytes),
        String(session.pid ?? "-"),
        session.worker,
      ]);
      process.stdout.write(
        `${table(["WORKER", "STATE", "SESSIONS", "MEMORY", "PID"], workerRows)}\n\n${table(
          ["CHANNEL", "STATE", "AGENT", "IDLE", "MEMORY", "PID", "WORKER"],
          sessionRows,
        )}\n`,
      );
    });
}
