import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { findServer, type ServerBinary } from "./find-server.ts";

const run = promisify(execFile);
const FETCH_TIMEOUT_MS = 30_000;
/** Debian's server and the small libraries that a bare machine lacks. */
const PACKAGES = [
  "redis-server",
  "redis-tools",
  "liblzf1",
  "libjemalloc2",
  "liblua5.1-0",
  "lua-bitop",
  "lua-cjson",
  "libatomic1",
];

/** A server that was fetched earlier into the data directory. */
export function findFetchedServer(dataDir: string): Promise<ServerBinary | undefined> {
  const root = join(dataDir, "redis-server");
  const libraries = ["x86_64-linux-gnu", "aarch64-linux-gnu"].flatMap((triplet) => [
    join(root, "usr/lib", triplet),
    join(root, "lib", triplet),
  ]);
  return findServer(join(root, "usr/bin"), { LD_LIBRARY_PATH: libraries.join(":") });
}

/** Debian's package, unpacked without root into the data directory. Undefined where that does not work. */
export async function fetchServer(dataDir: string): Promise<ServerBinary | undefined> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const work = mkdtempSync(join(dataDir, "fetch-"));
  try {
    const signal = AbortSignal.timeout(FETCH_TIMEOUT_MS);
    for (const name of PACKAGES) {
      // A library of another release may be missing; whether the server then runs is tried below.
      await run("apt-get", ["download", name], { cwd: work, signal }).catch((error: unknown) => {
        if (name === "redis-server" || signal.aborted) {
          throw error;
        }
      });
    }
    const root = join(work, "root");
    for (const file of readdirSync(work).filter((entry) => entry.endsWith(".deb"))) {
      await run("dpkg", ["-x", join(work, file), root], { signal });
    }
    const target = join(dataDir, "redis-server");
    rmSync(target, { recursive: true, force: true });
    renameSync(root, target);
    return await findFetchedServer(dataDir);
  } catch {
    return undefined;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
