import type { Benchmark } from "../benchmark.ts";
import { coldChannels } from "./cold-channels.ts";
import { queuePerChannel } from "./queue-per-channel.ts";
import { warmChannels } from "./warm-channels.ts";
import { workerPerChannel } from "./worker-per-channel.ts";

const FULL = { warm: 500, cold: 10_000, queues: 2000, idleMs: 20_000 };
const QUICK = { warm: 30, cold: 200, queues: 200, idleMs: 5000 };

export const idleCost: Benchmark = {
  name: "idle-cost",
  title: "what channels cost that nobody uses: connections, commands, memory of Redis",
  async run({ quick, progress }) {
    const settings = quick ? QUICK : FULL;
    progress("BullMQ: queues left behind");
    const queues = await queuePerChannel(settings.queues);
    progress("BullMQ: a worker per channel");
    const workers = await workerPerChannel(settings.warm, settings.idleMs);
    progress("warm channels");
    const warm = await warmChannels(settings.warm, settings.idleMs);
    progress("cold channels");
    const cold = await coldChannels(settings.cold, progress);
    return {
      settings: { ...settings, agent: "tiny-agent" },
      arms: [],
      ratios: [],
      figures: [...warm.figures, ...workers, ...cold.figures, ...queues],
      violations: [...warm.violations, ...cold.violations],
      redis: cold.redis,
    };
  },
};
