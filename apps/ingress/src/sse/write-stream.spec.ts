import { EventEmitter } from "node:events";
import type { ChannelEvent } from "@pilotlight/contracts";
import type { Response } from "express";
import { expect, it } from "vitest";
import { writeStream } from "./write-stream.ts";

/** A response whose client takes nothing until `drain` is emitted. */
class StuckResponse extends EventEmitter {
  headersSent = false;
  closed = false;
  readonly written: string[] = [];
  ended: string | undefined;
  writeHead(): void {
    this.headersSent = true;
  }
  write(text: string): boolean {
    this.written.push(text);
    return false;
  }
  end(text: string): void {
    this.ended = text;
  }
}

const event = (n: number): ChannelEvent => ({ id: `${n}-0`, type: "update", data: `{"n":${n}}` });
const never = new AbortController().signal;
const settled = () => new Promise((resolve) => setImmediate(resolve));

function counted(batches: number) {
  const pulls = { count: 0 };
  async function* generate() {
    for (let n = 1; n <= batches; n += 1) {
      pulls.count += 1;
      yield [event(n)];
    }
  }
  return { pulls, events: generate() };
}

it("pulls nothing ahead of a client that does not read", async () => {
  const res = new StuckResponse();
  const { pulls, events } = counted(5);
  const writing = writeStream(res as unknown as Response, events, never);
  await settled();
  expect(pulls.count).toBe(1);
  for (let n = 2; n <= 5; n += 1) {
    res.emit("drain");
    await settled();
    expect(pulls.count).toBe(n);
  }
  res.emit("drain");
  await writing;
  expect(res.written).toHaveLength(5);
  expect(res.ended).toBe("");
});

it("stops pulling when the client goes away", async () => {
  const res = new StuckResponse();
  const { pulls, events } = counted(5);
  const writing = writeStream(res as unknown as Response, events, never);
  await settled();
  res.closed = true;
  res.emit("close");
  await writing;
  expect(pulls.count).toBe(1);
  expect(res.ended).toBeUndefined();
});

it("cuts a batch into writes of limited size", async () => {
  const res = new StuckResponse();
  const data = JSON.stringify("x".repeat(50_000));
  async function* generate() {
    yield Array.from(
      { length: 4 },
      (_, n): ChannelEvent => ({ id: `${n}-0`, type: "update", data }),
    );
  }
  const writing = writeStream(res as unknown as Response, generate(), never);
  await settled();
  expect(res.written).toHaveLength(1);
  expect(res.written[0]?.length).toBeLessThan(130_000);
  res.emit("drain");
  await settled();
  expect(res.written).toHaveLength(2);
  res.emit("drain");
  await writing;
});

it("tells the clients of a process that goes away when to come back", async () => {
  const res = new StuckResponse();
  const draining = new AbortController();
  draining.abort();
  await writeStream(res as unknown as Response, counted(0).events, draining.signal);
  expect(res.headersSent).toBe(true);
  expect(res.ended).toMatch(/^retry: \d+\n\n$/);
});
