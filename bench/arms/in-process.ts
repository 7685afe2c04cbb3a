import { startProcess } from "../harness/start-process.ts";
import { ECHO_AGENT } from "./bench-agents.ts";
import type { Gateway } from "./gateway.ts";

/** The in-process gateway, its sessions warm. */
export async function startInProcess(channels: readonly string[]): Promise<Gateway> {
  const gateway = await startProcess<{ port: number }>("../arms/in-process-gateway.ts", {
    channels,
    agent: ECHO_AGENT,
  });
  return {
    name: "in-process",
    target: (channel) => ({
      url: `http://127.0.0.1:${gateway.ready.port}/channels/${channel}/prompts`,
    }),
    stop: () => gateway.stop(),
  };
}
