import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { newApiKey } from "@pilotlight/contracts";
import { freePort, startRedisServer, waitUntil } from "@pilotlight/testkit";
import { beforeEach, describe, expect, inject, it, onTestFinished } from "vitest";

const program = (path: string) => new URL(`../../apps/${path}`, import.meta.url).pathname;
const INGRESS = program("ingress/src/main.ts");
const WORKER = program("worker/src/main.ts");
const WARDEN = program("worker/src/warden-main.ts");

beforeEach(({ skip }) => {
  skip(!inject("redisDurable"), "needs a real redis-server");
});

async function redisWith(...args: string[]): Promise<string> {
  const server = await startRedisServer({ args });
  onTestFinished(() => server.stop());
  return server.url;
}

/** One of our processes by itself, as a container has it. */
function start(main: string, redisUrl: string) {
  const dir = mkdtempSync(join(tmpdir(), "pilotlight-alone-"));
  const child = spawn(process.execPath, [main], {
    cwd: dir,
    env: {
      PATH: process.env.PATH,
      HOME: dir,
      PILOTLIGHT_API_KEY: newApiKey(),
      PILOTLIGHT_DATA_DIR: join(dir, "data"),
      PILOTLIGHT_HTTP_PORT: "0",
      PILOTLIGHT_LOG_LEVEL: "info",
      REDIS_URL: redisUrl,
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const gone = once(child, "exit");
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  const all = text(child.stderr);
  onTestFinished(async () => {
    child.kill("SIGTERM");
    await gone;
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  });
  return {
    said: () => said,
    /** Its exit code, and what it complained of, a line each. */
    async end() {
      const [code] = (await gone) as [number | null];
      const lines = (await all)
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as { level: number; msg: string; err?: unknown });
      return { code, complaints: lines.filter(({ level }) => level >= 40) };
    },
  };
}

const ALL = [
  ["an ingress", INGRESS],
  ["a worker", WORKER],
  ["a warden", WARDEN],
] as const;

describe.each(ALL)("%s that is started by itself", (_, main) => {
  it("refuses a Redis that would evict prompts, in one line, with exit code 78", async () => {
    const url = await redisWith("--maxmemory-policy", "allkeys-lru");
    const { code, complaints } = await start(main, url).end();
    expect(code).toBe(78);
    expect(complaints[0]?.msg).toMatch(/^redis: maxmemory-policy is "allkeys-lru".*"noeviction"/);
    expect(complaints.filter(({ err }) => err !== undefined)).toEqual([]);
  });

  it("exits with 69 and says where it looked, when Redis is away", async () => {
    const port = await freePort();
    const { code, complaints } = await start(main, `redis://127.0.0.1:${port}`).end();
    expect(code).toBe(69);
    expect(complaints.map(({ msg }) => msg)).toContainEqual(
      expect.stringMatching(`^Redis at 127.0.0.1:${port} was not reached .* nothing listens there`),
    );
    expect(complaints.filter(({ err }) => err !== undefined)).toEqual([]);
  }, 30_000);
});

it.each([
  ["worker", WORKER],
  ["warden", WARDEN],
])("a %s exits with 69 where Redis is full", async (_, main) => {
  const url = await redisWith("--maxmemory", "1mb");
  const { code, complaints } = await start(main, url).end();
  expect(code).toBe(69);
  expect(complaints[0]?.msg).toBe("Redis did not take the command: it is out of memory");
  expect(complaints.filter(({ err }) => err !== undefined)).toEqual([]);
});

it.each([
  ["an ingress", INGRESS],
  ["a warden", WARDEN],
])("%s warns of a Redis without AOF, and runs", async (_, main) => {
  const url = await redisWith("--appendonly", "no");
  const alone = start(main, url);
  await waitUntil("it warns", () => /AOF is off/.test(alone.said()));
});
