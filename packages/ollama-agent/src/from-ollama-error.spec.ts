import { expect, test } from "vitest";
import { fromOllamaError } from "./from-ollama-error.ts";
import { UnreachableError } from "./http-fetch.ts";

const host = "http://me:secret@gpu.local:11434";

test.each([
  ["no connection", new UnreachableError("connect ECONNREFUSED"), "connect ECONNREFUSED"],
  ["no answer in time", new DOMException("timed out", "TimeoutError"), "does not answer"],
  [
    "an abort by the deadline",
    Object.assign(new Error("aborted"), { cause: { name: "TimeoutError" } }),
    "does not answer",
  ],
])(
  "%s says where Ollama was looked for and how to start it, without a password",
  (_, error, why) => {
    const told = fromOllamaError(error, { host });
    expect(told).toMatchObject({ code: -32603, data: { errorKind: "unreachable" } });
    expect(told.message).toContain("http://gpu.local:11434");
    expect(told.message).toContain(why);
    expect(told.message).toContain('"ollama serve"');
  },
);

test("a 404 is a missing model only where a model was asked for", () => {
  const error = Object.assign(new Error("model 'x' not found"), { status_code: 404 });
  expect(fromOllamaError(error, { host, model: "x" }).data).toEqual({ errorKind: "model_missing" });
  expect(fromOllamaError(error, { host }).message).toBe("Ollama answered 404: model 'x' not found");
});
