import { existsSync } from "node:fs";
import { join } from "node:path";
import type { PermissionAsk, PermissionVerdict } from "@pilotlight/sessions";
import {
  callTool,
  lastUserText,
  type ModelReply,
  say,
  toolResults,
  userTexts,
  waitUntil,
} from "@pilotlight/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClaudeSession, hear, openClaude } from "./claude-session.ts";

let claude: ClaudeSession;
beforeAll(async () => {
  claude = await openClaude();
});
afterAll(() => claude?.end());

/** An answer that is begun and never ended. */
function begin(text: string): ModelReply {
  return { kind: "hang", parts: [{ kind: "text", text }] };
}

test("a message into a running answer cuts it, and is answered in the same turn", async () => {
  const { session, model } = claude;
  model.respondWith((request) =>
    lastUserText(request).includes("the other way") ? say("All right.") : begin("One way. "),
  );
  const heard = hear();
  const turn = session.prompt(["Count slowly."], heard);
  await waitUntil("it has begun", () => heard.text !== "");
  expect(await session.steer(["Count the other way."])).toBe("injected");
  expect(await turn).toMatchObject({ stopReason: "end_turn" });
  expect(heard.text).toBe("One way. All right.");
  const last = model.turns.at(-1);
  expect(JSON.stringify(last?.messages)).toContain("One way. ");
  expect(last === undefined ? [] : userTexts(last).slice(-2)).toEqual([
    "Count slowly.",
    "Count the other way.",
  ]);
});

test("a message that comes while a permission is open waits for it, and takes nothing back", async () => {
  const { session, model, workspace } = claude;
  model.respondWith((request) => {
    if (toolResults(request).length > 0) {
      return say("It is made. ");
    }
    return lastUserText(request).includes("Say bye")
      ? say("Bye.")
      : callTool("Bash", { command: "echo hi > made.txt", description: "Make a file" });
  });
  const verdict = Promise.withResolvers<PermissionVerdict>();
  const asks: PermissionAsk[] = [];
  let withdrawn: AbortSignal | undefined;
  const heard = hear();
  const turn = session.prompt(["Make it."], {
    onUpdate: heard.onUpdate,
    people: {
      permission: (ask, signal) => {
        asks.push(ask);
        withdrawn = signal;
        return verdict.promise;
      },
      elicitation: () => Promise.resolve({ at: "cancelled" }),
    },
  });
  const ask = await waitUntil("it asks", () => asks[0]);
  expect(ask.toolCall).toMatchObject({
    name: "Bash",
    kind: "execute",
    title: "echo hi > made.txt",
    rawInput: { command: "echo hi > made.txt" },
  });
  expect(await session.steer(["Say bye."])).toBe("injected");
  expect(withdrawn?.aborted).toBe(false);
  const once = ask.options.find(({ kind }) => kind === "allow_once");
  verdict.resolve({ at: "selected", optionId: once?.optionId ?? "" });
  expect(await turn).toMatchObject({ stopReason: "end_turn" });
  expect(heard.text).toContain("Bye.");
  expect(asks).toHaveLength(1);
  expect(existsSync(join(workspace, "made.txt"))).toBe(true);
});

test("a turn that took in messages is cancelled as any other, and the next one knows them", async () => {
  const { session, model } = claude;
  model.respondWith(() => begin("Begun. "));
  const cancel = new AbortController();
  const heard = hear();
  const turn = session.prompt(["Go on."], { onUpdate: heard.onUpdate, signal: cancel.signal });
  await waitUntil("it has begun", () => heard.text !== "");
  expect(await Promise.all([session.steer(["One more."]), session.steer(["Two more."])])).toEqual([
    "injected",
    "injected",
  ]);
  await waitUntil("it was taken in", () => heard.text.split("Begun.").length > 2);
  cancel.abort();
  expect(await turn).toMatchObject({ stopReason: "cancelled" });
  expect(session.usable).toBe(true);
  model.respondWith();
  await session.prompt(["And now?"], hear());
  const shown = JSON.stringify(model.turns.at(-1)?.messages);
  expect(shown).toContain("One more.");
  expect(shown).toContain("Two more.");
});
