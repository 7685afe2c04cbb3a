import { expect, test } from "vitest";
import { usageLimitOfAnswer, usageLimitOfError } from "./usage-limit.ts";

const NOW = Date.UTC(2026, 10, 21, 12, 0, 0);

test.each([
  ["claude", { message: "Internal error", data: { errorKind: "rate_limit" } }],
  ["gemini", { message: "got status: RESOURCE_EXHAUSTED" }],
  ["an account", { message: "You exceeded your current quota, please check your plan" }],
  ["a bare status", { message: "request failed with 429 Too Many Requests" }],
])("the error of %s is a limit", (_who, error) => {
  expect(usageLimitOfError(error, NOW)).toBeDefined();
});

test.each([
  ["a failing server", { message: "Internal error", data: { errorKind: "server_error" } }],
  ["a login", { message: "Authentication required" }],
  ["a long prompt", { message: "prompt is too long: 429000 tokens" }],
])("the error of %s is none", (_who, error) => {
  expect(usageLimitOfError(error, NOW)).toBeUndefined();
});

test("an answer that is nothing but the limit is one, with its reset time", () => {
  expect(usageLimitOfAnswer("Claude AI usage limit reached|1795273200", NOW)).toEqual({
    message: "Claude AI usage limit reached|1795273200",
    resetsAtMs: 1_795_273_200_000,
  });
  expect(usageLimitOfAnswer("You've hit your usage limit. Try again in 30 minutes.", NOW)).toEqual({
    message: "You've hit your usage limit. Try again in 30 minutes.",
    resetsAtMs: NOW + 1_800_000,
  });
  expect(usageLimitOfAnswer("exceeded retry limit, last status: 429", NOW)).toBeDefined();
});

test("an answer that speaks about limits is an answer", () => {
  expect(
    usageLimitOfAnswer("A rate limit protects a service from its clients.", NOW),
  ).toBeUndefined();
  expect(
    usageLimitOfAnswer(`You've hit your limit. ${"That is what the log says. ".repeat(20)}`, NOW),
  ).toBeUndefined();
});
