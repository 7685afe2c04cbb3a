import { expect, test } from "vitest";
import { returnPath } from "./return-path.ts";

test.each([
  "/board",
  "/board/",
  "/board/queue/sessions",
  "/board/queue/matrix:!room/p_1?status=failed&page=2",
  "/board/queue/matrix%3A!room",
])("%s is a page to return to", (wish) => {
  expect(returnPath(wish)).toBe(wish);
});

test.each([
  "//evil.example",
  "https://evil.example/board",
  "/board/../v1/prompts#",
  "/board\\evil",
  "/boardroom",
  "/v1/prompts",
  "/board/sign-out",
  '/board/"><script>',
  ["/board"],
  undefined,
])("%s is not: the start of the board is shown", (wish) => {
  expect(returnPath(wish)).toBe("/board");
});
