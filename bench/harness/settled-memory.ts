import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import { infoField } from "./info-field.ts";

const READS = 8;
const EVERY_MS = 400;

/** Bytes that Redis uses when nothing passes through it: the least of several looks. */
export async function settledMemory(redis: Redis): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let read = 0; read < READS; read += 1) {
    await sleep(EVERY_MS); // memory that is freed in the background takes a moment
    least = Math.min(least, await infoField(redis, "memory", "used_memory"));
  }
  return least;
}
