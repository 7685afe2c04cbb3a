import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError, parseApiKey } from "@pilotlight/contracts";

/**
 * The key that opens the board: `PILOTLIGHT_API_KEY`, else the file `api-key` of the data directory.
 *
 * @throws ConfigError where there is none, or none that could be a key.
 */
export function readApiKey(
  env: Readonly<Record<string, string | undefined>>,
  dataDir: string,
): string {
  const key = env.PILOTLIGHT_API_KEY?.trim() || readKeyFile(join(dataDir, "api-key"));
  if (key === undefined || parseApiKey(key) === undefined) {
    throw new ConfigError(["api key: neither PILOTLIGHT_API_KEY nor <data-dir>/api-key holds one"]);
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
