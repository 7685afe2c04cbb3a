import { loadConfig } from "@pilotlight/contracts";
import { createLogger, orExit, runUntilSignalled } from "@pilotlight/lifecycle";
import { createIngress } from "./ingress.ts";

const config = orExit(() => loadConfig({ env: process.env, needsSecrets: true }));
const log = createLogger("ingress", config.logLevel);
const ingress = createIngress({ config, env: process.env, log });
await runUntilSignalled(ingress, { drainTimeoutMs: 8000, log });
