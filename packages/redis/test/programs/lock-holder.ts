/** Tries for the lock of `DATA_DIR` at the given instant, says how it went, and keeps what it got until its input ends. */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { lockDataDir } from "../../src/embedded/lock-data-dir.ts";

await sleep(Math.max(0, Number(process.env.AT_MS) - Date.now()));
try {
  lockDataDir(process.env.DATA_DIR ?? "");
  process.stdout.write("held\n");
} catch (error) {
  process.stdout.write(`${String(error)}\n`);
}
process.stdin.resume();
await once(process.stdin, "end");
