import { execFileSync } from "node:child_process";
import { rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startTestServer, waitUntil } from "@pilotlight/testkit";
import { expect, it, onTestFinished } from "vitest";
import { connectRedis } from "../src/connect-redis.ts";
import { identityOf, isAlive } from "../src/embedded/process-identity.ts";
import { startEmbeddedRedis } from "../src/embedded/start-embedded-redis.ts";
import { whenReady } from "../src/when-ready.ts";
import { connected } from "./connected.ts";
import { needsRealRedis } from "./needs-real-redis.ts";
import { startOwnServer } from "./start-own-server.ts";
import { testDir } from "./test-dir.ts";

const runs = (pid: number) => identityOf(pid) !== undefined;
const parentOf = (pid: number) =>
  Number(execFileSync("ps", ["-o", "ppid=", "-p", String(pid)], { encoding: "utf8" }));

needsRealRedis("comes back with its data, at the same address, when it is killed", async () => {
  const server = await startTestServer();
  onTestFinished(() => server.stop());
  const redis = await connected(server.url);
  await redis.set("kept", "yes");
  const before = server.pid;
  process.kill(before, "SIGKILL");
  await waitUntil("another server runs", () => server.pid !== before);
  await waitUntil("the client is back", async () => {
    return (await redis.get("kept").catch(() => "")) === "yes";
  });
});

needsRealRedis("comes back with its data when the process that keeps it is killed", async () => {
  const server = await startTestServer();
  onTestFinished(() => server.stop());
  const redis = await connected(server.url);
  await redis.set("kept", "yes");
  const before = server.pid;
  process.kill(parentOf(before), "SIGKILL");
  await waitUntil("another server runs", () => server.pid !== before);
  expect(runs(before)).toBe(false);
  await waitUntil("the client is back", async () => {
    return (await redis.get("kept").catch(() => "")) === "yes";
  });
});

needsRealRedis("has its data at the next start", async () => {
  const dataDir = testDir();
  for (const expected of [null, "yes"]) {
    const server = await startEmbeddedRedis({ dataDir, fsync: "always" });
    const redis = await connected(server.url);
    expect(await redis.get("kept")).toBe(expected);
    await redis.set("kept", "yes");
    expect(await redis.config("GET", "appendfsync")).toEqual(["appendfsync", "always"]);
    await server.stop();
    expect(runs(server.pid)).toBe(false);
  }
});

needsRealRedis("lets no other user near its data and its socket", async () => {
  const dataDir = testDir();
  const server = await startEmbeddedRedis({ dataDir, fsync: "everysec" });
  onTestFinished(() => server.stop());
  for (const directory of ["redis", "run"]) {
    expect(statSync(join(dataDir, directory)).mode & 0o777).toBe(0o700);
  }
  expect(statSync(join(dataDir, "run", "redis.conf")).mode & 0o777).toBe(0o600);
});

needsRealRedis(
  "listens on loopback with a password where a socket's path is too long",
  async () => {
    const dataDir = join(testDir(), "long".repeat(30));
    const server = await startEmbeddedRedis({ dataDir, fsync: "everysec" });
    onTestFinished(() => server.stop());
    const url = new URL(server.url);
    expect(url.hostname).toBe("127.0.0.1");
    expect(url.password).toHaveLength(48);
    const redis = await connected(server.url);
    expect(await redis.ping()).toBe("PONG");
    expect(execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })).not.toContain(url.password);

    const stranger = connectRedis({
      url: `redis://:wrong@127.0.0.1:${url.port}`,
      name: "stranger",
    });
    onTestFinished(() => stranger.disconnect());
    await expect(whenReady(stranger, 500)).rejects.toThrow(/refuses the password/);
  },
);

needsRealRedis("ends once its clients are gone when its parent was killed", async () => {
  const server = await startOwnServer({ DATA_DIR: testDir(), OUTLIVE_MS: "20000" });
  const redis = await connected(server.url);
  await server.killParent();
  // Longer than a keeper without clients would wait.
  await new Promise((resolve) => setTimeout(resolve, 1200));
  expect(await redis.set("still", "here")).toBe("OK");
  redis.disconnect();
  await waitUntil("the server has ended", () => !runs(server.pid));
});

needsRealRedis("does not wait longer for its clients than it was told", async () => {
  const server = await startOwnServer({ DATA_DIR: testDir(), OUTLIVE_MS: "300" });
  await connected(server.url);
  await server.killParent();
  await waitUntil("the server has ended", () => !runs(server.pid));
});

needsRealRedis("ends a server that was left behind before it starts one on its files", async () => {
  const dataDir = testDir();
  const left = await startOwnServer({ DATA_DIR: dataDir, OUTLIVE_MS: "60000" });
  const redis = await connected(left.url);
  await redis.set("kept", "yes");
  await left.killParent();
  expect(runs(left.pid)).toBe(true);
  const next = await startEmbeddedRedis({ dataDir, fsync: "everysec" });
  onTestFinished(() => next.stop());
  expect(runs(left.pid)).toBe(false);
  expect(await (await connected(next.url)).get("kept")).toBe("yes");
});

needsRealRedis("does not touch a process that only has the pid of one left behind", async () => {
  const dataDir = testDir();
  const first = await startEmbeddedRedis({ dataDir, fsync: "everysec" });
  await first.stop();
  const other = identityOf(process.ppid);
  writeFileSync(join(dataDir, "run", "redis.pid"), JSON.stringify({ ...other, startedAt: "1" }));
  const next = await startEmbeddedRedis({ dataDir, fsync: "everysec" });
  onTestFinished(() => next.stop());
  expect(other !== undefined && isAlive(other)).toBe(true);
});

needsRealRedis(
  "says what the server said when it does not start",
  { timeout: 40_000 },
  async () => {
    const dataDir = testDir();
    const server = await startEmbeddedRedis({ dataDir, fsync: "everysec" });
    await server.stop();
    const log = join(dataDir, "redis", "redis.log");
    rmSync(log);
    const manifest = join(dataDir, "redis", "appendonlydir", "appendonly.aof.manifest");
    writeFileSync(manifest, "broken\n");
    await expect(startEmbeddedRedis({ dataDir, fsync: "everysec" })).rejects.toThrow(
      /did not start:.*(AOF|manifest)/s,
    );
  },
);

it("uses the in-memory server, with a password and not durable, where there is no other", async () => {
  const server = await startEmbeddedRedis({
    dataDir: testDir(),
    fsync: "everysec",
    searchPath: "",
    fetch: false,
  });
  onTestFinished(() => server.stop());
  expect(server).toMatchObject({ durable: false, origin: "in-memory" });
  const redis = await connected(server.url);
  await redis.set("a", "1");
  expect(await redis.get("a")).toBe("1");

  const { port } = new URL(server.url);
  const stranger = connectRedis({ url: `redis://127.0.0.1:${port}`, name: "stranger" });
  onTestFinished(() => stranger.disconnect());
  await expect(whenReady(stranger, 500)).rejects.toThrow(/refuses the password/);
});

it("starts the in-memory server again at its address, empty, and says so", async () => {
  const notices: string[] = [];
  const server = await startEmbeddedRedis({
    dataDir: testDir(),
    fsync: "everysec",
    searchPath: "",
    fetch: false,
    onNotice: (text) => notices.push(text),
  });
  onTestFinished(() => server.stop());
  const redis = await connected(server.url);
  await redis.set("a", "1");
  process.kill(server.pid, "SIGKILL");
  await waitUntil("the client is back", async () => {
    return (await redis.get("a").catch(() => "away")) === null;
  });
  expect(notices).toEqual(["the in-memory Redis ended; it is started again, EMPTY"]);
});

it("ends the in-memory server, too, when its parent was killed", async () => {
  const server = await startOwnServer({ DATA_DIR: testDir(), SEARCH_PATH: "" });
  await server.killParent();
  await waitUntil("the server has ended", () => !runs(server.pid));
});
