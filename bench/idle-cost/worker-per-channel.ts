import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "bullmq";
import { Redis } from "ioredis";
import type { FigureLine } from "../benchmark.ts";
import { infoField } from "../harness/info-field.ts";
import { startPrivateRedis } from "../harness/private-redis.ts";
import { sentBy, watchCommands } from "../harness/watch-commands.ts";

/** BullMQ workers that wait for jobs, one per channel, with all that they can share shared. */
export async function workerPerChannel(channels: number, idleMs: number): Promise<FigureLine[]> {
  const server = await startPrivateRedis();
  const before = await infoField(server.observer, "clients", "connected_clients");
  const connection = new Redis(server.url, { maxRetriesPerRequest: null });
  const workers = Array.from(
    { length: channels },
    (_, i) => new Worker(`channel-${i}`, async () => undefined, { connection }),
  );
  try {
    await Promise.all(workers.map((worker) => worker.waitUntilReady()));
    await sleep(2000); // past their first, busier moments
    const after = await infoField(server.observer, "clients", "connected_clients");
    const watched = await watchCommands(server.observer, () => sleep(idleMs));
    const arm = "BullMQ worker per channel";
    return [
      {
        what: `connections of a worker with ${channels} channels`,
        arm,
        value: after - before,
        unit: "",
      },
      {
        what: `commands when idle with ${channels} channels`,
        arm,
        value: sentBy(watched) / watched.seconds,
        unit: "per s",
      },
    ];
  } finally {
    await Promise.all(workers.map((worker) => worker.close(true)));
    connection.disconnect();
    await server.stop();
  }
}
