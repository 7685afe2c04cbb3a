import { expect, it } from "vitest";
import { channelOfQueueName, queueNameOf } from "./queue-name.ts";

it.each(["ops", "slack:C042", "matrix:!room", "a~b", "a~3Ab", "a.b", "#x", "..~"])(
  "names the queue of %s without a colon or a slash, and finds the channel again",
  (channel) => {
    const name = queueNameOf(channel);
    expect(name).toMatch(/^[A-Za-z0-9_.~-]+$/);
    expect(channelOfQueueName(name)).toBe(channel);
  },
);

it("keeps apart what differs in an escaped character only", () => {
  expect(queueNameOf("a:b")).not.toBe(queueNameOf("a~3Ab"));
});
