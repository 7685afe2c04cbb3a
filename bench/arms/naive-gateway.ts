import type { AddressInfo } from "node:net";
import { Queue, QueueEvents } from "bullmq";
import express, { type Response } from "express";

/** HTTP in, `queue.add`, and the progress of the job as SSE: BullMQ as its documentation shows it. */
const { channels, redisUrl } = JSON.parse(process.argv[2] ?? "{}") as {
  channels: string[];
  redisUrl: string;
};
const connection = { url: redisUrl };
const waiting = new Map<string, Response>();
const queues = new Map<string, Queue>();
let nextJob = 0;

for (const name of channels) {
  const events = new QueueEvents(name, { connection });
  events.on("progress", ({ jobId, data }) => {
    waiting.get(jobId)?.write(`event: update\ndata: ${JSON.stringify(data)}\n\n`);
  });
  events.on("completed", ({ jobId, returnvalue }) => {
    waiting.get(jobId)?.end(`event: completed\ndata: ${JSON.stringify(returnvalue)}\n\n`);
    waiting.delete(jobId);
  });
  await events.waitUntilReady();
  queues.set(name, new Queue(name, { connection }));
}

const app = express();
app.use(express.json());
app.post("/channels/:channel/prompts", async (request, response) => {
  const queue = queues.get(request.params.channel);
  if (queue === undefined) {
    response.sendStatus(404);
    return;
  }
  nextJob += 1;
  const jobId = `job-${nextJob}`;
  waiting.set(jobId, response);
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  response.flushHeaders();
  await queue.add("prompt", { prompt: request.body.prompt }, { jobId, removeOnComplete: 20 });
});
const server = app.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ port })}\n`);
});
