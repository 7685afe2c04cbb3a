import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { PermissionAsk, PermissionVerdict, TurnPeople } from "../src/index.ts";
import { demoAgent, isAlive, listen, open, sessionOptions, until } from "./demo-sessions.ts";

const ASK = "[[permission edit notes.txt]]";

/** Answers permissions only. */
function deciding(
  decide: (ask: PermissionAsk, signal: AbortSignal) => Promise<PermissionVerdict>,
): TurnPeople {
  return { permission: decide, elicitation: () => Promise.resolve({ at: "cancelled" }) };
}

const select =
  (kind: string) =>
  async ({ options }: PermissionAsk): Promise<PermissionVerdict> => ({
    at: "selected",
    optionId: options.find((option) => option.kind === kind)?.optionId ?? "",
  });

/** Never decides; tells what it was asked, and when a question is over. */
function waiting() {
  const asked: { readonly ask: PermissionAsk; readonly signal: AbortSignal }[] = [];
  const people = deciding((ask, signal) => {
    asked.push({ ask, signal });
    return new Promise(() => undefined);
  });
  return { people, asked };
}

test("where nobody answers, it is rejected", async () => {
  const session = await open();
  const heard = listen();
  await session.prompt([ASK], heard);
  expect(heard.text).toBe("Permission to edit: not allowed (reject_once).");
});

test.each([
  ["allow_once", "allowed", true],
  ["allow_always", "allowed", true],
  ["reject_once", "not allowed", false],
])("an answer of %s reaches the agent", async (kind, said, written) => {
  const options = sessionOptions();
  const session = await open(options);
  const heard = listen();
  await session.prompt([ASK], { ...heard, people: deciding(select(kind)) });
  expect(heard.text).toBe(`Permission to edit: ${said} (${kind}).`);
  expect(existsSync(join(options.cwd, "notes.txt"))).toBe(written);
});

test.each([
  ["tells all of it", {}],
  ["only names the call that it told of before", { DEMO_TERSE_PERMISSIONS: "1" }],
])("people see the whole tool call where the request %s", async (_, set) => {
  const options = sessionOptions({ agent: demoAgent(set) });
  const session = await open(options);
  const asks: PermissionAsk[] = [];
  const people = deciding(async (ask) => {
    asks.push(ask);
    return { at: "rejected" };
  });
  await session.prompt([ASK], { ...listen(), people });
  const path = join(options.cwd, "notes.txt");
  expect(asks).toMatchObject([
    {
      toolCall: {
        title: "Append a line to notes.txt",
        kind: "edit",
        name: "Write",
        status: "pending",
        rawInput: { path, content: "Append a line to notes.txt\n" },
        locations: [{ path }],
        content: [{ type: "diff", path }],
      },
      options: [{ kind: "allow_once" }, { kind: "allow_always" }, { kind: "reject_once" }],
    },
  ]);
});

test("several requests are open at once, and each gets its own answer", async () => {
  const options = sessionOptions();
  const session = await open(options);
  const all = Promise.withResolvers<void>();
  let asked = 0;
  const people = deciding(async (ask) => {
    asked += 1;
    if (asked === 3) {
      all.resolve();
    }
    await all.promise;
    return ask.toolCall.title?.includes("2-") ? { at: "rejected" } : select("allow_once")(ask);
  });
  const heard = listen();
  await session.prompt(["[[permissions 3 edit notes.txt]]"], { ...heard, people });
  expect([1, 2, 3].map((n) => existsSync(join(options.cwd, `${n}-notes.txt`)))).toEqual([
    true,
    false,
    true,
  ]);
  expect(heard.text).toContain("Permission 2 to edit: not allowed (reject_once).");
});

test("a cancel answers an open request, and a late yes allows nothing", async () => {
  const yes = Promise.withResolvers<PermissionVerdict>();
  const options = sessionOptions();
  const session = await open(options);
  const cancel = new AbortController();
  let over: AbortSignal | undefined;
  const turn = session.prompt([ASK], {
    ...listen(),
    people: deciding((ask, signal) => {
      over = signal;
      return yes.promise.then(() => select("allow_once")(ask));
    }),
    signal: cancel.signal,
  });
  await until("the question", () => over);
  cancel.abort();
  expect(await turn).toEqual({ stopReason: "cancelled" });
  expect(over?.aborted).toBe(true);
  yes.resolve({ at: "rejected" });
  const heard = listen();
  await session.prompt(["[[recall]]"], heard);
  expect(heard.text).not.toContain("allowed (");
  expect(existsSync(join(options.cwd, "notes.txt"))).toBe(false);
});

test("the silence deadline stands still while somebody decides", async () => {
  const session = await open({
    deadlines: { startMs: 20_000, silenceMs: 700, turnMs: 20_000, cancelMs: 5000 },
  });
  const heard = listen();
  const people = deciding(async (ask) => {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    return select("allow_once")(ask);
  });
  await session.prompt([ASK], { ...heard, people });
  expect(heard.text).toContain("allowed (allow_once)");
});

test("an agent that dies while somebody decides ends the question and its turn", async () => {
  const session = await open();
  const { people, asked } = waiting();
  const turn = session.prompt([ASK], { ...listen(), people });
  const [question] = await until("the question", () => asked.length > 0 && asked);
  process.kill(session.pid, "SIGKILL");
  await expect(turn).rejects.toMatchObject({ code: "agent_exited", signal: "SIGKILL" });
  expect(question?.signal.reason).toMatchObject({ code: "agent_gone" });
  expect(isAlive(session.pid)).toBe(false);
});

test("closing a session ends its open questions", async () => {
  const session = await open();
  const { people, asked } = waiting();
  const turn = session.prompt([ASK], { ...listen(), people });
  await until("the question", () => asked.length > 0);
  await session.close();
  expect(await turn).toEqual({ stopReason: "cancelled" });
  expect(asked[0]?.signal.reason).toMatchObject({ code: "turn_cancelled" });
});
