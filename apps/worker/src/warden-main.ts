import { loadConfig } from "@pilotlight/contracts";
import { createLogger, orExit, runUntilSignalled } from "@pilotlight/lifecycle";
import { createWarden } from "./warden.ts";

const config = orExit(() => loadConfig({ env: process.env }));
const log = createLogger("warden", config.logLevel);
await runUntilSignalled(createWarden({ log, drainMs: config.workers.drainMs }), {
  drainTimeoutMs: config.workers.drainMs + 10_000,
  log,
});
