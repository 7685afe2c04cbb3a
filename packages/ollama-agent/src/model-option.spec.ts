import { expect, test } from "vitest";
import { sameModel } from "./connect-ollama.ts";
import { defaultModel, modelOption } from "./model-option.ts";

const models = [
  { name: "nomic-embed-text:latest", chats: false },
  { name: "llama3.2:latest", chats: true },
  { name: "qwen3:0.6b", chats: true },
];

test("without a choice the first model that chats is the current one", () => {
  expect(modelOption(defaultModel(models), models)).toMatchObject([
    {
      currentValue: "llama3.2:latest",
      options: [{ value: "llama3.2:latest" }, { value: "qwen3:0.6b" }],
    },
  ]);
});

test("a chosen model is found under its full name", () => {
  expect(modelOption("llama3.2", models)).toMatchObject([{ currentValue: "llama3.2:latest" }]);
  expect(sameModel("registry.local:5000/team/m", "registry.local:5000/team/m:latest")).toBe(true);
  expect(sameModel("qwen3:0.6b", "qwen3")).toBe(false);
});

test("a chosen model that is not there is shown as what it is", () => {
  expect(modelOption("gone", models)).toMatchObject([
    { currentValue: "gone", options: [{ value: "gone" }, {}, {}] },
  ]);
});

test("where nothing is known there is nothing to choose", () => {
  expect(modelOption(defaultModel([]), [])).toEqual([]);
});
