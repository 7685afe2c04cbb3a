import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedRedis } from "@pilotlight/redis";
import type { TestProject } from "vitest/node";
import { FETCH_DIR } from "./fetch-dir.ts";

declare module "vitest" {
  export interface ProvidedContext {
    redisUrl: string;
    redisDurable: boolean;
  }
}

/** One private Redis for the whole run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(join(tmpdir(), "pilotlight-test-"));
  const redis = await startEmbeddedRedis({ dataDir, fsync: "everysec", fetchDir: FETCH_DIR });
  project.vitest.logger.log(
    redis.durable
      ? `tests run on ${redis.engine}`
      : `tests run on ${redis.engine}: those that need a real server are SKIPPED`,
  );
  project.provide("redisUrl", redis.url);
  project.provide("redisDurable", redis.durable);
  return async () => {
    await redis.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
}
