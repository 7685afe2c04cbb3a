import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfig } from "@pilotlight/contracts";
import { createLogger, runUntilSignalled } from "@pilotlight/lifecycle";
import { lockDataDir } from "@pilotlight/redis";
import { Command, InvalidArgumentError } from "commander";
import { agentsLine } from "../agents/agents-line.ts";
import { reportFailure } from "../report-failure.ts";
import { type ApiKeySource, ensureApiKey } from "../up/api-key-file.ts";
import { chooseRedis } from "../up/choose-redis.ts";
import { freePort } from "../up/free-port.ts";
import { createSupervisor } from "../up/supervisor.ts";

interface UpOptions {
  readonly workers?: number;
  readonly port?: number;
  readonly dataDir?: string;
  readonly config?: string;
  readonly json?: boolean;
}

export function upCommand(): Command {
  return new Command("up")
    .description("run the whole system on this machine")
    .option("--workers <n>", "how many workers", wholeNumber)
    .option("--port <port>", "HTTP port; 0 picks a free one (default 7400)", wholeNumber)
    .option("--data-dir <dir>", "where everything is kept (default ./.pilotlight)")
    .option("--config <file>", "configuration file (default ./pilotlight.toml where it exists)")
    .option("--json", "print one line of JSON when ready")
    .action(up);
}

async function up(options: UpOptions): Promise<void> {
  const config = loadConfig({
    env: process.env,
    needsSecrets: true,
    ...(options.config === undefined ? {} : { file: options.config }),
    flags: {
      workers: { count: options.workers },
      http: { port: options.port },
      data: { dir: options.dataDir },
    },
  });
  const lock = lockDataDir(config.dataDir);
  process.on("exit", () => lock.release());
  const apiKey = ensureApiKey(process.env, config.dataDir);
  const port = await freePort(config.http.host, config.http.port);
  const asked = agentsLine(config);
  const redis = await chooseRedis(config, (text) => process.stderr.write(`pilotlight: ${text}\n`));
  const agents = await asked;
  const boardListen = config.board.listen ?? `127.0.0.1:${await freePort("127.0.0.1", 0)}`;
  for (const warning of redis.warnings) {
    process.stderr.write(`pilotlight: ${warning}\n`);
  }

  const urlFile = join(config.dataDir, "run", "url");
  const supervisor = createSupervisor({
    config,
    env: {
      ...process.env,
      ...(options.config === undefined ? {} : { PILOTLIGHT_CONFIG: options.config }),
      PILOTLIGHT_DATA_DIR: config.dataDir,
      PILOTLIGHT_HTTP_PORT: String(port),
      PILOTLIGHT_BOARD_LISTEN: boardListen,
      REDIS_URL: redis.url,
    },
    onLine(line) {
      if (!redis.known.some((warning) => line.endsWith(warning))) {
        process.stderr.write(`${line}\n`);
      }
    },
    onReady: (url) => {
      mkdirSync(join(config.dataDir, "run"), { recursive: true, mode: 0o700 });
      writeFileSync(urlFile, `${url}\n`, { mode: 0o600 });
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ url, board: `${url}/board`, apiKey: apiKey.place, redis: redis.description })}\n`
          : greeting({
              url,
              apiKey,
              redis: redis.description,
              workers: config.workers.count,
              agents,
            }),
      );
    },
    async onStopped() {
      rmSync(urlFile, { force: true });
      await redis.stop();
      process.stderr.write("ended\n");
    },
  });
  if (process.stderr.isTTY) {
    // The terminal's own "^C" would stand in front of what we say to it.
    process.on("SIGINT", () => process.stderr.write("\r\u001b[K"));
  }
  const log = createLogger("up", process.env.PILOTLIGHT_LOG_LEVEL ?? "warn");
  await runUntilSignalled(supervisor, {
    drainTimeoutMs: config.workers.drainMs + 20_000,
    log,
    onStartFailure: reportFailure,
  });
}

interface Greeting {
  readonly url: string;
  readonly apiKey: ApiKeySource;
  readonly redis: string;
  readonly workers: number;
  readonly agents: string;
}

function greeting({ url, apiKey, redis, workers, agents }: Greeting): string {
  return `
  Pilotlight is ready at ${url}
    board    ${url}/board
    API key  ${apiKey.place}${apiKey.isNew ? "  (made just now)" : ""}
    Redis    ${redis}
    workers  ${workers}
    agents   ${agents}

  Try:  npx pilotlight prompt hello "What can you do?"

`;
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) {
    throw new InvalidArgumentError("must be a whole number");
  }
  return Number(text);
}
