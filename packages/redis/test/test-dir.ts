import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A private directory that goes with the test. */
export function testDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "pilotlight-redis-test-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));
  return dir;
}
