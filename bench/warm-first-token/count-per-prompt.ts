import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import type { FigureLine } from "../benchmark.ts";
import type { Arm } from "../harness/arm.ts";
import { sentBy, watchCommands } from "../harness/watch-commands.ts";

const IDLE_MS = 3000;

/** What one warm prompt asks of Redis; what the idle system asks in the same time is taken off. */
export async function countPerPrompt(
  name: string,
  redis: Redis,
  arm: Arm<unknown>,
  prompts: number,
): Promise<FigureLine[]> {
  const idle = await watchCommands(redis, () => sleep(IDLE_MS));
  const busy = await watchCommands(redis, async () => {
    for (let i = 0; i < prompts; i += 1) {
      await arm.sample();
    }
  });
  const perPrompt = (busyCount: number, idleCount: number) =>
    (busyCount - (idleCount * busy.seconds) / idle.seconds) / prompts;
  const line = (what: string, value: number, atMost?: number): FigureLine => ({
    what,
    arm: name,
    value,
    unit: "per prompt",
    ...(atMost === undefined ? {} : { atMost }),
  });
  return [
    line("packets of commands to Redis", perPrompt(busy.reads, idle.reads), 5),
    line("commands to Redis", perPrompt(sentBy(busy), sentBy(idle))),
    line("calls inside scripts", perPrompt(busy.inScripts, idle.inScripts)),
  ];
}
