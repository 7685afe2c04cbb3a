import type { Redis } from "ioredis";

/** One number of Redis's `INFO`. */
export async function infoField(
  redis: Redis,
  section: "memory" | "stats" | "clients",
  field: string,
): Promise<number> {
  const info = await redis.info(section);
  const value = new RegExp(`^${field}:(\\d+)`, "m").exec(info)?.[1];
  if (value === undefined) {
    throw new Error(`INFO ${section} has no ${field}`);
  }
  return Number(value);
}
