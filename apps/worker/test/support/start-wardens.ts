import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChannelsClient, openChannelsClient } from "@pilotlight/channels";
import { isFinalPromptState, newPromptId, type Prompt } from "@pilotlight/contracts";
import { createLogger } from "@pilotlight/lifecycle";
import { connectRedis, type Redis, whenReady } from "@pilotlight/redis";
import { startTestServer, waitUntil } from "@pilotlight/testkit";

const MAIN = new URL("../../src/warden-main.ts", import.meta.url).pathname;

export interface RunningWarden {
  readonly pid: number;
  /** Pid of the worker that it has now. */
  workerPid(): Promise<number>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when the process is gone. */
  readonly gone: Promise<void>;
  output(): string;
}

/** Wardens with real workers and demo agents on a Redis of their own, and a client to talk to them. */
export interface WardenBed {
  readonly client: ChannelsClient;
  readonly redis: Redis;
  start(): Promise<RunningWarden>;
  send(channel: string, prompt: string): Promise<string>;
  prompt(id: string): Promise<Prompt>;
  /** The prompt, when its agent has begun to answer it. */
  running(id: string): Promise<Prompt>;
  finished(id: string): Promise<Prompt>;
  /** Pid of the agent of the channel's live session. */
  agentPid(channel: string): Promise<number>;
  close(): Promise<void>;
}

export interface WardenBedOptions {
  readonly leaseTtlSecs: number;
  /** `[agents.demo]` and further sections of the configuration. */
  readonly config?: string;
}

export async function openWardenBed(options: WardenBedOptions): Promise<WardenBed> {
  const server = await startTestServer();
  const dir = mkdtempSync(join(tmpdir(), "pilotlight-wardens-"));
  const config = join(dir, "pilotlight.toml");
  writeFileSync(config, options.config ?? "");
  const log = createLogger("test", "silent");
  const limits = {
    queuePerChannel: 100,
    queueTotal: 1000,
    eventsPerChannel: 1000,
    retentionMs: 60_000,
  };
  const client = await openChannelsClient({ url: server.url, name: "test", limits, log });
  const redis = connectRedis({ url: server.url, name: "look" });
  await whenReady(redis, 5000);
  const wardens: RunningWarden[] = [];

  async function prompt(id: string): Promise<Prompt> {
    const found = await client.getPrompt(id);
    if (found === undefined) {
      throw new Error(`prompt ${id} is unknown`);
    }
    return found;
  }

  /** Only now does its agent have a session that another process can resume. */
  async function answering(id: string): Promise<void> {
    const { channel } = await prompt(id);
    const after = (await client.eventIdBeforePrompt(id)) ?? "now";
    const signal = AbortSignal.timeout(30_000);
    for await (const events of client.streamEvents(channel, { after, signal })) {
      if (events.some(({ promptId, type }) => promptId === id && type === "update")) {
        return;
      }
    }
    throw new Error(`waited in vain for a first word of ${id}`);
  }

  return {
    client,
    redis,
    async start() {
      const warden = await startWarden({
        PILOTLIGHT_CONFIG: config,
        PILOTLIGHT_DATA_DIR: join(dir, "data"),
        PILOTLIGHT_WORKERS_LEASE_TTL_SECS: String(options.leaseTtlSecs),
        REDIS_URL: server.url,
      });
      wardens.push(warden);
      return warden;
    },
    async send(channel, text) {
      const id = newPromptId();
      await client.enqueue({ id, channel, prompt: text, surface: "api", bodyHash: id });
      return id;
    },
    prompt,
    async running(id) {
      await answering(id);
      return prompt(id);
    },
    finished: (id) =>
      waitUntil(
        `${id} is finished`,
        async () => {
          const record = await prompt(id);
          return isFinalPromptState(record.state) ? record : undefined;
        },
        30_000,
      ),
    agentPid: (channel) =>
      waitUntil(`${channel} has an agent`, async () => (await client.getSession(channel))?.pid),
    async close() {
      for (const warden of wardens) {
        warden.kill("SIGTERM");
        const hard = setTimeout(() => warden.kill("SIGKILL"), 15_000);
        await warden.gone;
        clearTimeout(hard);
      }
      await client.close();
      redis.disconnect();
      await server.stop();
      rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

async function startWarden(env: Record<string, string>): Promise<RunningWarden> {
  const child: ChildProcess = spawn(process.execPath, [MAIN], {
    env: {
      PATH: process.env.PATH,
      HOME: tmpdir(),
      PILOTLIGHT_LOG_LEVEL: "info",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    output = (output + chunk.toString("utf8")).slice(-65_536);
  });
  child.stdout?.resume();
  const gone = once(child, "exit").then(() => undefined);
  // The worker's own first words, passed on by its warden.
  await waitUntil(`the worker is ready:\n${output}`, () => /"worker ready"/.test(output));
  return {
    pid: child.pid ?? 0,
    workerPid: () =>
      waitUntil("it has a worker", async () => [...output.matchAll(WORKER_PID)].at(-1)?.[1]).then(
        Number,
      ),
    kill: (signal) => {
      child.kill(signal);
    },
    gone,
    output: () => output,
  };
}

/** pino's line that says that a worker is ready. */
const WORKER_PID = /"pid":(\d+)[^\n]*"msg":"worker ready"/g;
