import { Worker } from "bullmq";
import { openBareSession } from "./acp-session.ts";
import type { NaiveWorkerOptions } from "./naive.ts";

/** A BullMQ worker per channel, each with its warm session; what the agent says is the job's progress. */
const { channels, agent, redisUrl, stall } = JSON.parse(
  process.argv[2] ?? "{}",
) as NaiveWorkerOptions;
const workers: Worker[] = [];
for (const name of channels) {
  const session = await openBareSession(agent);
  const worker = new Worker(
    name,
    async (job) => {
      const written: Promise<void>[] = [];
      const result = await session.prompt(job.data.prompt, (update) =>
        written.push(job.updateProgress({ update })),
      );
      await Promise.all(written);
      return result;
    },
    { connection: { url: redisUrl }, ...stall },
  );
  await worker.waitUntilReady();
  workers.push(worker);
}
process.once("SIGTERM", async () => {
  // As BullMQ's documentation has it: what runs is finished, nothing new is taken.
  await Promise.all(workers.map((worker) => worker.close()));
  process.exit(0);
});
process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
