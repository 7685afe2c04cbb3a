import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PilotlightError } from "@pilotlight/contracts";
import { identityOf, isAlive, parseIdentity } from "./process-identity.ts";

export interface DataDirLock {
  /** Idempotent; leaves a lock alone that is somebody else's by now. */
  release(): void;
}

/**
 * Makes sure that one `up` works on a data directory: a lock of pid and process start time, taken over when its
 * process is gone.
 *
 * @throws PilotlightError `DATA_DIR_LOCKED`, naming the pid, or `DATA_DIR_UNUSABLE`.
 */
export function lockDataDir(dataDir: string): DataDirLock {
  const path = join(dataDir, "lock");
  const mine = JSON.stringify(identityOf(process.pid));
  const draft = join(dataDir, `lock.${process.pid}`);
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(draft, mine, { mode: 0o600 });
  } catch (error) {
    throw new PilotlightError(
      "DATA_DIR_UNUSABLE",
      `the data directory ${dataDir} cannot be written: ${(error as Error).message}`,
      { cause: error },
    );
  }
  try {
    while (!linked(draft, path)) {
      const text = read(path);
      const holder = parseIdentity(text ?? "");
      if (holder !== undefined && isAlive(holder)) {
        throw new PilotlightError(
          "DATA_DIR_LOCKED",
          `the data directory ${dataDir} is in use by process ${holder.pid}; stop that one, or choose another with --data-dir`,
        );
      }
      if (text !== undefined) {
        takeAway(path, text, `${draft}.stale`);
      }
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return {
    release() {
      if (read(path) === mine) {
        rmSync(path, { force: true });
      }
    },
  };
}

/** The process that works on a data directory, if any. */
export function dataDirHolder(dataDir: string): number | undefined {
  const holder = parseIdentity(read(join(dataDir, "lock")) ?? "");
  return holder !== undefined && isAlive(holder) ? holder.pid : undefined;
}

/** A link either makes the name or fails: two who try at once never both succeed. */
function linked(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") {
      return false;
    }
    throw error;
  }
}

/** Another may have taken over between our look and our hand: what is not the stale lock goes back. */
function takeAway(path: string, staleText: string, aside: string): void {
  try {
    renameSync(path, aside);
  } catch {
    return; // gone already
  }
  if (read(aside) !== staleText) {
    linked(aside, path);
  }
  rmSync(aside, { force: true });
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
