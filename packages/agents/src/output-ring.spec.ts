import { expect, test } from "vitest";
import { createOutputRing } from "./output-ring.ts";

test("everything is kept while it fits", () => {
  const ring = createOutputRing(100);
  for (const word of ["one ", "two ", "three"]) {
    ring.push(Buffer.from(word));
  }
  expect(ring.text()).toBe("one two three");
});

test("only the end is kept, however much comes and in whatever pieces", () => {
  const ring = createOutputRing(10);
  for (let index = 0; index < 1000; index += 1) {
    ring.push(Buffer.from(`${index}.`));
  }
  expect(ring.text()).toBe("7.998.999.");
  ring.push(Buffer.alloc(1_000_000, "x"));
  expect(ring.text()).toBe("x".repeat(10));
});
