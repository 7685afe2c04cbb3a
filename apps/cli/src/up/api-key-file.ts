import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { apiKeyFile, ConfigError, newApiKey, parseApiKey, readApiKey } from "@pilotlight/contracts";

export interface ApiKeySource {
  /** For people: where the key in force is found. Never the key. */
  readonly place: string;
  readonly isNew: boolean;
}

/**
 * The key that opens this deployment: the environment's, else the data directory's, which is made at the first start and
 * readable by its owner only.
 *
 * @throws ConfigError where there is one that must not be used.
 */
export function ensureApiKey(
  env: Readonly<Record<string, string | undefined>>,
  dataDir: string,
): ApiKeySource {
  if (env.PILOTLIGHT_API_KEY) {
    readApiKey(env, dataDir);
    return { place: "PILOTLIGHT_API_KEY", isNew: false };
  }
  const path = apiKeyFile(dataDir);
  if (!existsSync(path)) {
    writeFileSync(path, `${newApiKey()}\n`, { mode: 0o600, flag: "wx" });
    return { place: path, isNew: true };
  }
  const fault = faultOfKeyFile(path);
  if (fault !== undefined) {
    throw new ConfigError([`api key: ${fault}`]);
  }
  return { place: path, isNew: false };
}

/** What is wrong with a key file, with how to mend it; undefined for a good one. */
export function faultOfKeyFile(path: string): string | undefined {
  if ((statSync(path).mode & 0o077) !== 0) {
    return `${path} can be read by others; run: chmod 600 ${path}`;
  }
  return parseApiKey(readFileSync(path, "utf8").trim()) === undefined
    ? `${path} holds none; remove the file to get a new one`
    : undefined;
}
