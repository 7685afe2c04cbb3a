import { findFetchedServer, findServer } from "@pilotlight/redis";
import { FETCH_DIR } from "./fetch-dir.ts";

/** @throws Error where the machine has no real `redis-server`: ask `inject("redisDurable")` first. */
export async function realServer(): Promise<{
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}> {
  const binary = (await findServer(process.env.PATH ?? "")) ?? (await findFetchedServer(FETCH_DIR));
  if (binary === undefined) {
    throw new Error("there is no real redis-server on this machine");
  }
  return binary;
}
