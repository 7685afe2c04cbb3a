import { execFile } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

export interface ServerBinary {
  readonly path: string;
  /** `redis-server 7.0.15`. */
  readonly engine: string;
  readonly env: Readonly<Record<string, string>>;
}

const NAMES = ["valkey-server", "redis-server"];
const run = promisify(execFile);

/** A server that runs here, from a search path like PATH; undefined where none does. */
export async function findServer(
  searchPath: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ServerBinary | undefined> {
  for (const directory of searchPath.split(delimiter).filter(Boolean)) {
    for (const name of NAMES) {
      const path = join(directory, name);
      if (isExecutable(path)) {
        const version = await versionOf(path, env);
        if (version !== undefined) {
          return { path, engine: `${name} ${version}`, env };
        }
      }
    }
  }
  return undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

async function versionOf(
  path: string,
  env: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  try {
    const { stdout } = await run(path, ["--version"], {
      timeout: 5000,
      env: { ...process.env, ...env },
    });
    return /v=([\d.]+)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}
