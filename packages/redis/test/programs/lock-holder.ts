/** Tries for the lock of `DATA_DIR` at the given instant, says how it went, and holds it for a while. */
import { lockDataDir } from "../../src/embedded/lock-data-dir.ts";

await new Promise((resolve) => setTimeout(resolve, Number(process.env.AT_MS) - Date.now()));
try {
  lockDataDir(process.env.DATA_DIR ?? "");
  process.stdout.write("held\n");
  await new Promise((resolve) => setTimeout(resolve, 1500));
} catch (error) {
  process.stdout.write(`${String(error)}\n`);
}
