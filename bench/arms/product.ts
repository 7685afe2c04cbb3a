import { type RunningPilotlight, startPilotlight } from "@pilotlight/testkit";
import type { Gateway } from "./gateway.ts";

export interface ProductOptions {
  readonly name?: string;
  readonly redisUrl: string;
  readonly agent: readonly string[];
  readonly maxSessions?: number;
  readonly keepAliveSecs?: number;
  readonly workers?: number;
  /** What the agent finds in its environment. */
  readonly agentEnv?: Readonly<Record<string, string>>;
  /** Names its directory in the agent's environment, where the agent keeps sessions that it can resume. */
  readonly configDirEnv?: string;
  /** Sessions kept ready; default 0. */
  readonly standby?: number;
  /** Environment of the product's own processes. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Product extends Gateway {
  readonly system: RunningPilotlight;
}

/** The product as `pilotlight up` starts it, with one worker unless told otherwise, on the given Redis. */
export async function startProduct(options: ProductOptions): Promise<Product> {
  const config = [
    "[acp]",
    'agent = "bench"',
    `keep_alive_secs = ${options.keepAliveSecs ?? 3600}`,
    "[workers]",
    `count = ${options.workers ?? 1}`,
    `max_sessions = ${options.maxSessions ?? 20}`,
    "[agents.bench]",
    `command = ${JSON.stringify(options.agent)}`,
    ...(options.configDirEnv === undefined ? [] : [`config_dir_env = "${options.configDirEnv}"`]),
    "[agents.bench.set]",
    ...Object.entries(options.agentEnv ?? {}).map(
      ([name, value]) => `${name} = ${JSON.stringify(value)}`,
    ),
  ].join("\n");
  const system = await startPilotlight({
    config,
    env: { REDIS_URL: options.redisUrl, ...options.env },
    ...(options.standby === undefined ? {} : { standby: options.standby }),
  });
  return {
    name: options.name ?? "pilotlight",
    system,
    target: (channel) => ({
      url: `${system.url}/v1/channels/${channel}/prompts`,
      headers: { authorization: `Bearer ${system.apiKey}` },
    }),
    stop: () => system.stop(),
  };
}
