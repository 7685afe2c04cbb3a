import { expect, it } from "vitest";
import { secretsFor } from "./secrets-for.ts";

const all = [
  { host: "*", secrets: ["any"] },
  { host: "*.example.com", secrets: ["example"] },
  { host: "*.hooks.example.com", secrets: ["hooks"] },
  { host: "a.example.com", secrets: ["a", "a before"] },
];

it("signs with the secrets of the pattern that names the host most closely", () => {
  expect(secretsFor("a.example.com", all)).toEqual(["a", "a before"]);
  expect(secretsFor("a.example.com.", all)).toEqual(["a", "a before"]);
  expect(secretsFor("b.example.com", all)).toEqual(["example"]);
  expect(secretsFor("x.hooks.example.com", all)).toEqual(["hooks"]);
  expect(secretsFor("example.com", all)).toEqual(["any"]);
  expect(secretsFor("badexample.com", all)).toEqual(["any"]);
});

it("knows no secret where no pattern fits", () => {
  expect(secretsFor("example.org", all.slice(1))).toEqual([]);
});
