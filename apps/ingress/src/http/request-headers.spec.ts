import type { Request } from "express";
import { describe, expect, it } from "vitest";
import { preferredWaitSecs } from "./preferred-wait.ts";
import { wantsEventStream } from "./wants-event-stream.ts";

const requestWith = (headers: Record<string, string>) => ({ headers }) as unknown as Request;

describe("Prefer", () => {
  it.each([
    ["wait=30", 30],
    ["respond-async, wait=10", 10],
    ['wait="5"', 5],
    ["WAIT = 7", 7],
    ["wait=0", 0],
    ["wait=301", 300],
    ["wait=99999999", 300],
    ["wait=abc", 0],
    ["wait=-5", 0],
    ["wait=1.5", 0],
    ["await=9", 0],
    ["", 0],
  ])("%j waits %i s", (prefer, secs) => {
    expect(preferredWaitSecs(requestWith({ prefer }))).toBe(secs);
  });
});

describe("Accept", () => {
  it.each([
    ["text/event-stream", true],
    ["application/json, text/event-stream;q=0.9", true],
    ["Text/Event-Stream", true],
    ["text/event-stream;q=0", false],
    ["text/event-stream;q=0.0, application/json", false],
    ["*/*", false],
    ["application/json", false],
    ["", false],
  ])("%j asks for a stream: %s", (accept, expected) => {
    expect(wantsEventStream(requestWith({ accept }))).toBe(expected);
  });
});
