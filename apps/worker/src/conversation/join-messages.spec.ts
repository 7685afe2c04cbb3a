import { expect, test } from "vitest";
import { joinMessages } from "./join-messages.ts";

test("a message alone is sent as it is", () => {
  expect(joinMessages("hello")).toBe("hello");
});

test("several are told apart, in their order", () => {
  expect(joinMessages("one", ["two\nlines", "three"])).toBe(
    "Message 1 of 3:\none\n\nMessage 2 of 3:\ntwo\nlines\n\nMessage 3 of 3:\nthree",
  );
});
