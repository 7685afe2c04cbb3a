import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createClient, type PilotlightClient } from "@pilotlight/client";
import { ConfigError, loadConfig } from "@pilotlight/contracts";
import { type Command, InvalidArgumentError } from "commander";

export interface ApiOptions {
  readonly url?: string;
  readonly key?: string;
  readonly dataDir?: string;
  readonly json?: boolean;
}

/** The options of every command that talks to a running system. */
export function withApiOptions(command: Command): Command {
  return command
    .option("--url <url>", "where Pilotlight listens (default: what `up` wrote)", httpUrl)
    .option("--key <key>", "the API key (default: PILOTLIGHT_API_KEY, else the data directory's)")
    .option("--data-dir <dir>", "the data directory of `up` (default ./.pilotlight)")
    .option("--json", "print JSON");
}

/** @throws ConfigError where no key can be found. */
export function clientOf(options: ApiOptions): PilotlightClient {
  const config = loadConfig({
    env: process.env,
    ...(options.dataDir === undefined ? {} : { flags: { data: { dir: options.dataDir } } }),
  });
  const apiKey =
    options.key ?? process.env.PILOTLIGHT_API_KEY ?? readLine(join(config.dataDir, "api-key"));
  if (apiKey === undefined) {
    throw new ConfigError([
      `no API key in ${config.dataDir}: start Pilotlight here (npm start), name its data directory with --data-dir, or give --key and --url`,
    ]);
  }
  const url =
    options.url ??
    process.env.PILOTLIGHT_URL ??
    readLine(join(config.dataDir, "run", "url")) ??
    `http://127.0.0.1:${config.http.port}`;
  return createClient({ url, apiKey });
}

function httpUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new InvalidArgumentError("must be an http:// or https:// URL");
  }
  return text;
}

function readLine(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim() || undefined;
  } catch {
    // Not there or not ours: the caller has another way.
    return undefined;
  }
}
