import { afterEach, expect, it, vi } from "vitest";
import { readStream } from "./read-stream.ts";

afterEach(() => {
  vi.useRealTimers();
});

it("gives a connection up that carries not even heartbeats", async () => {
  vi.useFakeTimers();
  let cancelled = false;
  const silent = new ReadableStream<Uint8Array>({
    cancel() {
      cancelled = true;
    },
  });
  const reading = readStream(silent).next();
  const failure = expect(reading).rejects.toThrow("silent");
  await vi.advanceTimersByTimeAsync(45_000);
  await failure;
  expect(cancelled).toBe(true);
});

it("takes a heartbeat for a sign of life", async () => {
  vi.useFakeTimers();
  let beat: ReadableStreamDefaultController<Uint8Array> | undefined;
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      beat = controller;
    },
  });
  const reading = readStream(stream).next();
  for (let i = 0; i < 5; i += 1) {
    await vi.advanceTimersByTimeAsync(30_000);
    beat?.enqueue(new TextEncoder().encode(":\n\n"));
  }
  beat?.enqueue(new TextEncoder().encode('event: completed\ndata: {"promptId":"p_1"}\n\n'));
  await expect(reading).resolves.toMatchObject({
    value: { at: "event", event: { type: "completed", promptId: "p_1" } },
  });
});
