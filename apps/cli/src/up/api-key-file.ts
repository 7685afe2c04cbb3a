import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError, newApiKey, parseApiKey } from "@pilotlight/contracts";

export interface ApiKeyFile {
  readonly path: string;
  readonly isNew: boolean;
}

/** The data directory's key; made at the first start, readable by its owner only. */
export function ensureApiKey(dataDir: string): ApiKeyFile {
  const path = join(dataDir, "api-key");
  if (existsSync(path)) {
    if (parseApiKey(readFileSync(path, "utf8").trim()) === undefined) {
      throw new ConfigError([`api key: ${path} holds none; remove the file to get a new one`]);
    }
    return { path, isNew: false };
  }
  writeFileSync(path, `${newApiKey()}\n`, { mode: 0o600, flag: "wx" });
  return { path, isNew: true };
}
