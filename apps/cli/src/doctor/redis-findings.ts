import type { PilotlightConfig } from "@pilotlight/contracts";
import {
  checkServer,
  connectRedis,
  findFetchedServer,
  findServer,
  whenReady,
} from "@pilotlight/redis";
import type { Finding } from "./finding.ts";

const what = "redis";
const REACH_WITHIN_MS = 5000;

export async function redisFindings(config: PilotlightConfig): Promise<Finding[]> {
  const { url } = config.redis;
  return url === undefined ? [await embeddedFinding(config)] : await serverFindings(url);
}

async function embeddedFinding(config: PilotlightConfig): Promise<Finding> {
  const installed = await findServer(process.env.PATH ?? "");
  if (installed !== undefined) {
    return { what, level: "ok", detail: `${installed.engine} (${installed.path}) runs embedded` };
  }
  const fetched = await findFetchedServer(config.dataDir);
  return fetched === undefined
    ? {
        what,
        level: "warn",
        detail:
          "no server is installed; the first start tries to fetch one, or keeps everything in memory only: install redis-server or valkey-server, or set REDIS_URL",
      }
    : { what, level: "ok", detail: `${fetched.engine} (fetched earlier) runs embedded` };
}

async function serverFindings(url: string): Promise<Finding[]> {
  const redis = connectRedis({ url, name: "doctor" });
  try {
    await whenReady(redis, REACH_WITHIN_MS);
    const { version, faults, warnings } = await checkServer(redis);
    return [
      { what, level: "ok", detail: `reached, version ${version}` },
      ...faults.map((detail): Finding => ({ what, level: "fail", detail })),
      ...warnings.map((detail): Finding => ({ what, level: "warn", detail })),
    ];
  } catch (error) {
    return [{ what, level: "fail", detail: error instanceof Error ? error.message : "" }];
  } finally {
    redis.disconnect();
  }
}
