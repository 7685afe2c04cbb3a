import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * For `globalSetup`: a temporary directory of the whole run. What tests, and agents that they kill, leave there goes with
 * it. Its name is short because sockets lie below it (`sockaddr_un` takes 108 bytes).
 */
export default function setup(): () => void {
  const root = mkdtempSync(join(tmpdir(), "pl-"));
  process.env.TMPDIR = root;
  return () => rmSync(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
