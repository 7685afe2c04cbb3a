import { expect, it } from "vitest";
import { ollamaProbe } from "./ollama-probe.ts";

it.each([
  [undefined, "http://127.0.0.1:11434/api/tags"],
  ["", "http://127.0.0.1:11434/api/tags"],
  ["http://gpu:9000/", "http://gpu:9000/api/tags"],
  ["https://models.example/ollama", "https://models.example/ollama/api/tags"],
  ["gpu:9000", "http://gpu:9000/api/tags"],
  ["gpu", "http://gpu:11434/api/tags"],
  [":9000", "http://127.0.0.1:9000/api/tags"],
  ["0.0.0.0:9000", "http://127.0.0.1:9000/api/tags"],
])("asks the server of OLLAMA_HOST=%s for its models", (host, url) => {
  expect(ollamaProbe({ OLLAMA_HOST: host })).toEqual({ http: url });
});
