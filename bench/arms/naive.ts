import { startProcess } from "../harness/start-process.ts";
import { ECHO_AGENT } from "./bench-agents.ts";
import type { Gateway } from "./gateway.ts";

/** Naive BullMQ: a gateway process and a worker process, its sessions warm. */
export async function startNaive(channels: readonly string[], redisUrl: string): Promise<Gateway> {
  const worker = await startProcess("../arms/naive-worker.ts", {
    channels,
    agent: ECHO_AGENT,
    redisUrl,
  });
  const gateway = await startProcess<{ port: number }>("../arms/naive-gateway.ts", {
    channels,
    redisUrl,
  });
  return {
    name: "naive BullMQ",
    target: (channel) => ({
      url: `http://127.0.0.1:${gateway.ready.port}/channels/${channel}/prompts`,
    }),
    async stop() {
      await Promise.all([gateway.stop(), worker.stop()]);
    },
  };
}
