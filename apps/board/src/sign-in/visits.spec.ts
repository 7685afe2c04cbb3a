import { expect, test } from "vitest";
import { createVisits, VISIT_MS } from "./visits.ts";

test("a visit is open until it ends by itself", () => {
  const visits = createVisits();
  const token = visits.begin(0);
  expect(visits.isOpen(token, VISIT_MS - 1)).toBe(true);
  expect(visits.isOpen(token, VISIT_MS)).toBe(false);
});

test("signing out ends that visit and no other", () => {
  const visits = createVisits();
  const [mine, other] = [visits.begin(0), visits.begin(0)];
  visits.end(mine);
  expect(visits.isOpen(mine, 1)).toBe(false);
  expect(visits.isOpen(other, 1)).toBe(true);
});

test("a made-up token is no visit", () => {
  const visits = createVisits();
  visits.begin(0);
  expect(visits.isOpen("", 1)).toBe(false);
  expect(visits.isOpen("x".repeat(43), 1)).toBe(false);
});

test("with a hundred visits open, the next ends the oldest", () => {
  const visits = createVisits();
  const tokens = Array.from({ length: 101 }, () => visits.begin(0));
  expect(visits.isOpen(tokens[0] as string, 1)).toBe(false);
  expect(visits.isOpen(tokens[1] as string, 1)).toBe(true);
  expect(visits.isOpen(tokens[100] as string, 1)).toBe(true);
});
