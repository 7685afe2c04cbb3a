/** Stands in for ingress, board and warden: says what happens to it in `$EVENTS`, and takes `$DRAIN_MS` to drain. */
import { appendFileSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createLogger, runUntilSignalled } from "@pilotlight/lifecycle";

const name = basename(process.argv[1] ?? "", ".ts");
const say = (what: string) =>
  appendFileSync(process.env.EVENTS ?? "", `${name} ${what} ${process.pid}\n`);
const isWarden = name === "stand-in-warden";
setInterval(() => undefined, 1000);

await runUntilSignalled(
  {
    async start() {
      if (process.env.FAIL === name) {
        throw new Error("it has a reason");
      }
      say("started");
      if (process.env.CALLBACK_SECRET !== undefined) {
        say("knows-the-secret");
      }
    },
    async drain() {
      say("draining");
      await sleep(isWarden ? Number(process.env.DRAIN_MS ?? 0) : 0);
    },
    async stop() {
      say("stopped");
    },
    url: () => `http://${name}`,
  },
  { drainTimeoutMs: 60_000, log: createLogger(name, "warn") },
);
