import { loadConfig } from "@pilotlight/contracts";
import { createLogger, orExit, runUntilSignalled } from "@pilotlight/lifecycle";
import { createBoard } from "./board-service.ts";

const config = orExit(() => loadConfig({ env: process.env }));
const log = createLogger("board", config.logLevel);
const board = createBoard({ config, env: process.env, log });
await runUntilSignalled(board, { drainTimeoutMs: 5000, log });
