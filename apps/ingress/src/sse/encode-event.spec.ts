import { expect, it } from "vitest";
import { encodeEvent } from "./encode-event.ts";

it("frames an event with its id, name and data", () => {
  expect(encodeEvent({ id: "5-0", type: "update", promptId: "p", data: '{"a":1}' })).toBe(
    'id: 5-0\nevent: update\ndata: {"a":1}\n\n',
  );
});

it("keeps a line break in data from beginning another event", () => {
  const frame = encodeEvent({
    id: "5-0",
    type: "update",
    data: '{\n\n"a":\r1}\r\nevent: completed',
  });
  expect(frame.split("\n").filter((line) => line.startsWith("event:"))).toEqual(["event: update"]);
  expect(frame.match(/\n\n/g)).toHaveLength(1);
});

it("leaves the id out where there is none, so that a client keeps the one it has", () => {
  expect(encodeEvent({ id: "", type: "completed", data: "{}" })).toBe(
    "event: completed\ndata: {}\n\n",
  );
});
