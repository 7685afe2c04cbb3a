import type { ElicitationAsk, ElicitationVerdict } from "@pilotlight/sessions";
import { callTool, say, toolResults } from "@pilotlight/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClaudeSession, hear, openClaude } from "./claude-session.ts";

let claude: ClaudeSession;
beforeAll(async () => {
  claude = await openClaude((request) => {
    const [result] = toolResults(request);
    // After a cancel the result of the tool that was cut off comes along with the next prompt.
    if (result !== undefined && !JSON.stringify(request.messages.at(-1)).includes("Ask me.")) {
      return say(`It says: ${JSON.stringify(result.content)}`);
    }
    return callTool("AskUserQuestion", {
      questions: [
        {
          question: "Which colour?",
          header: "Colour",
          multiSelect: false,
          options: [
            { label: "Red", description: "Like fire" },
            { label: "Blue", description: "Like the sea" },
          ],
        },
      ],
    });
  });
});
afterAll(() => claude?.end());

/** What the model is told about the answer. */
async function answer(verdict: ElicitationVerdict) {
  const asks: ElicitationAsk[] = [];
  const permissions: unknown[] = [];
  const heard = hear();
  const { stopReason } = await claude.session.prompt(["Ask me."], {
    onUpdate: heard.onUpdate,
    people: {
      permission: async (ask) => {
        permissions.push(ask);
        return { at: "rejected" };
      },
      elicitation: async (ask) => {
        asks.push(ask);
        return verdict;
      },
    },
  });
  expect(permissions).toEqual([]);
  return { asks, text: heard.text, stopReason };
}

test("the agent's question to its user is a form, and the model hears what was chosen", async () => {
  const { asks, text, stopReason } = await answer({
    at: "accepted",
    content: { question_0: "Blue" },
  });
  expect(asks).toMatchObject([
    {
      mode: "form",
      message: "Which colour?",
      requestedSchema: {
        type: "object",
        properties: {
          question_0: { type: "string", oneOf: [{ const: "Red" }, { const: "Blue" }] },
          question_0_custom: { type: "string" },
        },
      },
    },
  ]);
  expect(asks[0]?.toolCallId).toMatch(/^toolu_/);
  expect(text).toContain("Blue");
  expect(stopReason).toBe("end_turn");
});

test("where it is declined or cancelled, the model hears of it and the turn goes on", async () => {
  expect(await answer({ at: "declined" })).toMatchObject({
    stopReason: "end_turn",
    text: expect.stringContaining("did not answer"),
  });
  expect(await answer({ at: "cancelled" })).toMatchObject({
    stopReason: "end_turn",
    text: expect.stringContaining("It says: "),
  });
});

test("a cancel while it is open ends the turn, and the session goes on", async () => {
  const cancel = new AbortController();
  let over: AbortSignal | undefined;
  const { session, model } = claude;
  const turn = await session.prompt(["Ask me."], {
    onUpdate: () => undefined,
    signal: cancel.signal,
    people: {
      permission: () => Promise.resolve({ at: "rejected" }),
      elicitation: (_, signal) => {
        over = signal;
        cancel.abort();
        return new Promise(() => undefined);
      },
    },
  });
  expect(turn).toMatchObject({ stopReason: "cancelled" });
  expect(over?.aborted).toBe(true);
  model.respondWith(() => say("Still here."));
  const heard = hear();
  await session.prompt(["And now?"], heard);
  expect(heard.text).toBe("Still here.");
});
