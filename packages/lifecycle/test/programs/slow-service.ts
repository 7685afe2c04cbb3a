/** A service whose steps are seen on stdout; `START_MS`, `DRAIN_MS` say how long they take. */
import { setTimeout as sleep } from "node:timers/promises";
import { ConfigError } from "@pilotlight/contracts";
import { createLogger } from "../../src/logger.ts";
import { runUntilSignalled } from "../../src/run-until-signalled.ts";

const say = (word: string) => process.stdout.write(`${word}\n`);
// Keeps the process alive, as a server would.
setInterval(() => undefined, 1000);

await runUntilSignalled(
  {
    async start() {
      if (process.env.FAULT !== undefined) {
        throw new ConfigError([process.env.FAULT]);
      }
      say("starting");
      await sleep(Number(process.env.START_MS ?? 0));
      say("started");
    },
    async drain() {
      say("draining");
      await sleep(Number(process.env.DRAIN_MS ?? 0));
      say("drained");
    },
    async stop() {
      say("stopped");
    },
    url: () => "http://127.0.0.1:1",
  },
  {
    drainTimeoutMs: Number(process.env.DRAIN_TIMEOUT_MS ?? 60_000),
    log: createLogger("t", "fatal"),
  },
);
