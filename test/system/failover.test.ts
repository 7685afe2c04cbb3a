import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectRedis, type Redis, whenReady } from "@pilotlight/redis";
import {
  type RedisServer,
  startRedisServer,
  startTcpProxy,
  type TcpProxy,
  waitUntil,
} from "@pilotlight/testkit";
import { afterEach, beforeEach, expect, inject, it } from "vitest";
import { openSystem, type TestSystem } from "./open-system.ts";

const CHANNELS = ["a", "b", "c"];

let primary: RedisServer;
let replica: RedisServer;
let onReplica: Redis;
/** The address that the system knows; a failover gives it to the replica. */
let address: TcpProxy;
/** What the replica gets from the primary. */
let link: TcpProxy;
let system: TestSystem;
let ledgers: string;

async function start(minReplicas: number): Promise<void> {
  [primary, replica] = await Promise.all([startRedisServer(), startRedisServer()]);
  onReplica = connectRedis({ url: replica.url, name: "test" });
  await whenReady(onReplica, 5000);
  link = await startTcpProxy(primary.url);
  await onReplica.call("REPLICAOF", "127.0.0.1", new URL(link.url).port);
  await waitUntil("it replicates", async () =>
    /master_link_status:up/.test(await onReplica.info("replication")),
  );
  address = await startTcpProxy(primary.url);
  ledgers = mkdtempSync(join(tmpdir(), "pilotlight-ledger-"));
  system = await openSystem({
    env: { REDIS_URL: address.url },
    config: `
[redis]
min_replicas = ${minReplicas}
[acp]
permissions = "approve-all"
[workers]
count = 2
lease_ttl_secs = 3
[agents.demo]
set = { DEMO_CHUNK_MS = "0", DEMO_LEDGER_DIR = "${ledgers}" }
`,
  });
}

beforeEach(({ skip }) => skip(!inject("redisDurable"), "needs a real redis-server"));
afterEach(async () => {
  await system?.stop();
  await Promise.all([address?.stop(), link?.stop()]);
  onReplica?.disconnect();
  await Promise.all([primary?.stop(), replica?.stop()]);
  rmSync(ledgers, { recursive: true, force: true });
});

async function onPrimary(command: string, ...args: readonly string[]): Promise<void> {
  const redis = connectRedis({ url: primary.url, name: "test" });
  try {
    await whenReady(redis, 5000);
    await redis.call(command, ...args);
  } finally {
    redis.disconnect();
  }
}

async function failOver(): Promise<void> {
  await primary.end("SIGKILL");
  await onReplica.call("REPLICAOF", "NO", "ONE");
  address.retarget(replica.url);
  address.cut();
}

interface Line {
  readonly id: string;
  readonly pid: number;
}

function ledger(channel: string): readonly Line[] {
  try {
    const text = readFileSync(join(ledgers, channel), "utf8").trim();
    return text.split("\n").map((line) => JSON.parse(line) as Line);
  } catch {
    return [];
  }
}

/** Marks its beginning and its end, with time in between to be interrupted in. */
const turn = (channel: string, name: string) =>
  `[[ledger ${channel} ${name}-begin]] [[slow 2500]] [[ledger ${channel} ${name}-end]]`;

const underWay = () =>
  waitUntil("the turns are under way", () => CHANNELS.every((name) => ledger(name).length > 0));

it("loses no prompt and does nothing twice when the replica that knows of them takes over", async () => {
  await start(1);
  const ids = await Promise.all(
    CHANNELS.flatMap((channel) => [
      system.send(channel, { prompt: turn(channel, "one") }),
      system.send(channel, { prompt: turn(channel, "two") }),
    ]),
  );
  await underWay();
  await failOver();
  // Turns wait until there is a replica again.
  await primary.startAgain();
  await onPrimary("REPLICAOF", "127.0.0.1", String(replica.port));
  for (const id of ids) {
    expect((await system.finished(id)).state).toBe("completed");
  }
  for (const channel of CHANNELS) {
    const done = ledger(channel).map(({ id }) => id);
    expect(done).toEqual([...new Set(done)]);
    expect([...done].sort()).toEqual(["one-begin", "one-end", "two-begin", "two-end"]);
  }
}, 90_000);

it("never runs a channel in two places when the replica that takes over has forgotten its owner", async () => {
  await start(0);
  // Known to the replica as accepted, and not as anything more.
  await system.ask("a", "warm up");
  const ids: string[] = [];
  for (const channel of CHANNELS) {
    ids.push(await system.send(channel, { prompt: turn(channel, "one") }));
  }
  await waitUntil("the replica has them all", async () => {
    const kept = await Promise.all(ids.map((id) => onReplica.exists(`{pl}:p:${id}`)));
    return kept.every((there) => there === 1);
  });
  link.blackHole();
  const next = await Promise.all(
    CHANNELS.map((channel) => system.send(channel, { prompt: turn(channel, "two") })),
  );
  await underWay();
  await failOver();
  for (const id of ids) {
    expect((await system.finished(id)).state).toBe("completed");
  }
  // What nobody but the primary knew is gone, and is said to be gone.
  for (const id of next) {
    expect((await system.fetch(`/v1/prompts/${id}`)).status).toBe(404);
  }
  for (const channel of CHANNELS) {
    expectOneAtATime(ledger(channel));
  }
}, 90_000);

/** Once another process has written, an earlier one never writes again. */
function expectOneAtATime(lines: readonly Line[]): void {
  const pids = lines.map(({ pid }) => pid).filter((pid, i, all) => pid !== all[i - 1]);
  expect(pids).toEqual([...new Set(pids)]);
}
