import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "../config/config-error.ts";
import { parseApiKey } from "./parse-api-key.ts";

/** Where `pilotlight up` keeps the key, readable by its user only. */
export function apiKeyFile(dataDir: string): string {
  return join(dataDir, "api-key");
}

/**
 * The key that opens this deployment: `PILOTLIGHT_API_KEY`, else the file `api-key` of the data directory.
 *
 * @throws ConfigError where there is none, or none that could be a key.
 */
export function readApiKey(
  env: Readonly<Record<string, string | undefined>>,
  dataDir: string,
): string {
  const key = env.PILOTLIGHT_API_KEY?.trim() || readKeyFile(apiKeyFile(dataDir));
  if (key === undefined) {
    throw new ConfigError(["api key: neither PILOTLIGHT_API_KEY nor <data-dir>/api-key holds one"]);
  }
  if (parseApiKey(key) === undefined) {
    throw new ConfigError(["api key: what is given is not a key (plk_<id>_<secret>)"]);
  }
  return key;
}

function readKeyFile(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    // Missing or unreadable: the caller says what to do about it.
    return undefined;
  }
}
