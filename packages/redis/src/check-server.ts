import { type Redis, ReplyError } from "ioredis";

export interface ServerReport {
  readonly version: string;
  readonly runId: string;
  /** Why this server must not be used; empty where it may. */
  readonly faults: readonly string[];
  readonly warnings: readonly string[];
}

const OLDEST = [6, 2] as const;

/**
 * Looks at a reached server. Managed ones may refuse `CONFIG GET`, so everything is read from `INFO`.
 *
 * @throws where the connection breaks meanwhile
 */
export async function checkServer(redis: Redis): Promise<ServerReport> {
  const answer = await redis.info().catch((error: unknown) => {
    if (error instanceof ReplyError) {
      return error as Error;
    }
    throw error;
  });
  if (typeof answer !== "string") {
    const fault = `redis: it cannot be looked at (INFO was answered with "${answer.message}")`;
    return { version: "unknown", runId: "", faults: [fault], warnings: [] };
  }
  const info = parseInfo(answer);
  const faults: string[] = [];
  const warnings: string[] = [];
  const version = info.get("redis_version") ?? "unknown";
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    faults.push(`redis: version ${version} is too old; ${OLDEST.join(".")} or newer is needed`);
  }
  const policy = info.get("maxmemory_policy");
  if (policy !== undefined && policy !== "noeviction") {
    faults.push(
      `redis: maxmemory-policy is "${policy}" and would drop prompts; set it to "noeviction" (CONFIG SET maxmemory-policy noeviction)`,
    );
  }
  if ((info.get("role") ?? "master") !== "master") {
    faults.push("redis: this server is a replica; give the address of the primary");
  }
  if (info.get("cluster_enabled") === "1" && redis.options.Connector === undefined) {
    faults.push(
      "redis: this server is a node of a cluster; give its address as redis+cluster://host:port,host:port",
    );
  }
  if (info.get("aof_enabled") !== "1") {
    warnings.push("redis: AOF is off, so a crash of Redis loses prompts; set appendonly yes");
  }
  return { version, runId: info.get("run_id") ?? "", faults, warnings };
}

function parseInfo(text: string): Map<string, string> {
  const entries = text.split(/\r?\n/).flatMap((line): [string, string][] => {
    const colon = line.indexOf(":");
    return colon > 0 && !line.startsWith("#")
      ? [[line.slice(0, colon), line.slice(colon + 1)]]
      : [];
  });
  return new Map(entries);
}
