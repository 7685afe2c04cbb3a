import { loadConfig } from "@pilotlight/contracts";
import { createLogger, orExit, runUntilSignalled } from "@pilotlight/lifecycle";
import { createWorker } from "./worker.ts";

const config = orExit(() => loadConfig({ env: process.env }));
const log = createLogger("worker", config.logLevel);
const worker = createWorker({
  config,
  log,
  onLost: (reason) => {
    log.error({ reason }, "leases lost; this incarnation ends");
    // The warden ends the agents and starts a new incarnation, under a new id.
    process.exit(75);
  },
});
await runUntilSignalled(worker, {
  drainTimeoutMs: config.workers.drainMs,
  // Without its warden nobody would end our agents when we die: they end with it.
  onParentGone: "stop",
  log,
});
