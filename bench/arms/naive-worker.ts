import { Worker } from "bullmq";
import { openBareSession } from "./acp-session.ts";

/** A BullMQ worker per channel, each with its warm session; what the agent says is the job's progress. */
const { channels, agent, redisUrl } = JSON.parse(process.argv[2] ?? "{}") as {
  channels: string[];
  agent: string[];
  redisUrl: string;
};
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
    { connection: { url: redisUrl } },
  );
  await worker.waitUntilReady();
}
process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
