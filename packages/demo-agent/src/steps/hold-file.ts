import { once } from "node:events";
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";

export type Held =
  | { readonly by: undefined; release(): void }
  /** What its holder wrote into it. */
  | { readonly by: string };

/** Locks a file, or tells who holds it. The lock is of the open file: it ends when it is closed, by whatever end of ours. */
export async function holdFile(path: string, holder: string): Promise<Held> {
  const { spawn } = await import("node:child_process");
  const fd = openSync(path, "a");
  // Node knows no flock: a child takes it for both, since they share the open file.
  const locking = spawn("flock", ["--nonblock", "3"], {
    stdio: ["ignore", "ignore", "ignore", fd],
  });
  const [exitCode] = (await once(locking, "exit")) as [number | null];
  if (exitCode !== 0) {
    closeSync(fd);
    return { by: readFileSync(path, "utf8") };
  }
  ftruncateSync(fd);
  writeSync(fd, holder);
  return { by: undefined, release: () => closeSync(fd) };
}
