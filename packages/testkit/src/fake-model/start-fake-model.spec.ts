import { afterEach, expect, test } from "vitest";
import { say } from "./model-reply.ts";
import { type FakeModel, startFakeModel } from "./start-fake-model.ts";

let model: FakeModel | undefined;
afterEach(() => model?.close());

const TOOLS = [{ name: "Bash" }];

function ask(fields: Record<string, unknown>): Promise<Response> {
  return fetch(`${model?.url}/v1/messages`, {
    method: "POST",
    body: JSON.stringify({ model: "any", stream: true, tools: TOOLS, ...fields }),
  });
}

function textOf(stream: string): string {
  return [...stream.matchAll(/"text_delta","text":("(?:[^"\\]|\\.)*")/g)]
    .map((match) => JSON.parse(match[1] ?? '""'))
    .join("");
}

test("the default answer tells what the model was shown, without the client's own reminders", async () => {
  model = await startFakeModel();
  const reminder = { type: "text", text: "<system-reminder>noise</system-reminder>" };
  const response = await ask({
    messages: [
      { role: "user", content: [reminder, { type: "text", text: "first" }] },
      { role: "assistant", content: "yes" },
      { role: "user", content: "second" },
    ],
  });
  expect(textOf(await response.text())).toBe("I have seen 2 message(s). The first said: first");
  expect(model.turns).toHaveLength(1);
});

test("a request without tools gets a title and is not taken for a turn", async () => {
  model = await startFakeModel(() => ({ kind: "error", status: 500, type: "api_error" }));
  const response = await ask({ tools: [], messages: [{ role: "user", content: "hi" }] });
  expect(textOf(await response.text())).toBe("A title");
  expect(model.requests).toHaveLength(1);
  expect(model.turns).toHaveLength(0);
});

test("a tool call ends with the stop reason that makes the client run it", async () => {
  model = await startFakeModel(() => ({
    kind: "answer",
    parts: [
      { kind: "text", text: "let me see" },
      { kind: "tool-use", name: "Bash", input: { command: "ls" } },
    ],
  }));
  const stream = await (await ask({ messages: [] })).text();
  expect(stream).toContain(String.raw`"partial_json":"{\"command\":\"ls\"}"`);
  expect(stream).toContain('"stop_reason":"tool_use"');
  expect(stream.match(/event: content_block_stop/g)).toHaveLength(2);
});

test("an error has the status and form of the API", async () => {
  model = await startFakeModel(() => ({ kind: "error", status: 429, type: "rate_limit_error" }));
  const response = await ask({ messages: [] });
  expect(response.status).toBe(429);
  expect(await response.json()).toMatchObject({ error: { type: "rate_limit_error" } });
});

test("a dropped answer breaks the connection after its pieces", async () => {
  model = await startFakeModel(() => ({ kind: "drop", parts: [{ kind: "text", text: "half" }] }));
  const response = await ask({ messages: [] });
  await expect(response.text()).rejects.toThrow();
});

test("a hanging answer stays open until the server is closed", async () => {
  model = await startFakeModel(() => ({ kind: "hang", parts: [{ kind: "text", text: "half" }] }));
  const response = await ask({ messages: [] });
  const rest = response.text();
  rest.catch(() => undefined);
  await model.close();
  await expect(rest).rejects.toThrow();
});

test("the script can change between turns", async () => {
  model = await startFakeModel(() => say("one"));
  expect(textOf(await (await ask({ messages: [] })).text())).toBe("one");
  model.respondWith(() => say("two"));
  expect(textOf(await (await ask({ messages: [] })).text())).toBe("two");
});
