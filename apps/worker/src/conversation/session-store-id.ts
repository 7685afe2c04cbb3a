import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FILE = ".pilotlight-store";

/**
 * Names the session store in an agent's configuration directory, by a file in it that is made where there is none. The
 * same name means the same store, on whatever machine the directory is mounted.
 */
export function sessionStoreId(configDir: string): string {
  mkdirSync(configDir, { recursive: true, mode: 0o700 });
  const file = join(configDir, FILE);
  try {
    writeFileSync(file, randomUUID().slice(0, 8), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
      throw error;
    }
  }
  return readFileSync(file, "utf8").trim();
}
