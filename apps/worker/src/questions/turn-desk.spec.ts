import { tmpdir } from "node:os";
import type { AskInput, AskOutcome, OwnedChannel, TakenQuestion } from "@pilotlight/channels";
import type { GivenAnswer, Grant, PermissionPolicy, PermissionRule } from "@pilotlight/contracts";
import { type ElicitationAsk, QuestionOverError } from "@pilotlight/sessions";
import { expect, test } from "vitest";
import { createTurnDesk } from "./turn-desk.ts";

const OPTIONS = [
  { optionId: "for-good", name: "Always", kind: "allow_always" as const },
  { optionId: "yes", name: "Once", kind: "allow_once" as const },
  { optionId: "no", name: "No", kind: "reject_once" as const },
];
const ASK = {
  toolCall: { toolCallId: "c", title: "Edit a", kind: "edit" as const, rawInput: { path: "a" } },
  options: OPTIONS,
};
const NEVER = new AbortController().signal;
const REJECTED = { at: "rejected" };
const ALLOWED = { at: "selected", optionId: "yes" };

const given = (optionId: string, kind: (typeof OPTIONS)[number]["kind"]): GivenAnswer => ({
  answer: { at: "selected", optionId, kind },
  by: "person",
  answeredAt: 1,
});

const grantOf = (id: string): Grant => ({
  id,
  channel: "ops",
  scope: { kind: "edit", paths: ["a"], description: "edit a" },
  by: "person",
  grantedAt: 0,
  expiresAt: 1,
  questionId: "q",
});

interface Given {
  readonly policy?: PermissionPolicy;
  readonly allow?: readonly PermissionRule[];
  readonly deny?: readonly PermissionRule[];
  readonly directory?: string | undefined;
  /** The channel's; those that were revoked meanwhile are told, and allow nothing. */
  readonly grants?: readonly Grant[];
  readonly revoked?: boolean;
  readonly asked?: AskOutcome;
  readonly taken?: TakenQuestion;
}

/** A desk whose Redis answers as it is told. */
function deskOf(settings: Given) {
  const { policy = "ask", allow = [], deny = [], grants = [], asked, taken } = settings;
  const recorded: unknown[] = [];
  const questions: AskInput[] = [];
  const closed: string[] = [];
  const failures: unknown[] = [];
  const owned = {
    channel: "ops",
    recordGrant: async (_id: string, what: unknown, grantId?: string) => {
      if (grantId !== undefined && settings.revoked) {
        return "revoked";
      }
      recorded.push(what);
      return "ok";
    },
    questions: {
      grants: async () => grants,
      async ask(input: AskInput): Promise<AskOutcome> {
        if (!input.grantsKnown && grants.length > 0) {
          return { at: "grants", grants };
        }
        questions.push(input);
        return asked ?? { at: "asked", expiresInMs: 60_000 };
      },
      take: async ({ ids }: { ids: readonly string[] }) =>
        new Map(ids.map((id) => [id, taken ?? { at: "expired" as const }])),
      close: async (_promptId: string, ids: readonly string[]) => {
        closed.push(...ids);
      },
    },
  } as unknown as OwnedChannel;
  const desk = createTurnDesk({
    owned,
    promptId: "p_1",
    agent: "demo",
    permissions: { policy, allow, deny, askMs: 60_000, grantMs: 60_000 },
    directory: "directory" in settings ? settings.directory : tmpdir(),
    carry: true,
    live: (state) => ({ state, fence: 1, agent: "demo" }),
    toldBefore: () => Promise.resolve(),
    onAsked: () => desk.look(),
    onFailed: (error) => failures.push(error),
  });
  return { desk, recorded, questions, closed, failures };
}

test("what a rule or the policy allows is recorded, and allowed once", async () => {
  for (const settings of [
    { policy: "approve-all" },
    { policy: "deny-all", allow: [{ kind: "edit", path: "a" }] },
  ] satisfies Given[]) {
    const { desk, recorded, questions } = deskOf(settings);
    expect(await desk.permission(ASK, NEVER)).toEqual(ALLOWED);
    expect(recorded).toMatchObject([{ toolCallId: "c", title: "Edit a", kind: "edit" }]);
    expect(questions).toEqual([]);
  }
});

test.each<[string, Given]>([
  ["the policy denies", { policy: "deny-all" }],
  ["a rule denies", { policy: "approve-all", deny: [{ path: "a" }] }],
  ["it is not known where its agent works", { policy: "approve-all", directory: undefined }],
  ["the turn may not ask any more", { asked: { at: "refused" } }],
  ["nobody answers in time", { taken: { at: "expired" } }],
  ["what was asked is not known any more", { taken: { at: "missing" } }],
  ["somebody rejects it", { taken: { at: "answered", given: given("no", "reject_once") } }],
])("nothing is allowed where %s", async (_name, settings) => {
  const { desk, recorded } = deskOf(settings);
  expect(await desk.permission(ASK, NEVER)).toEqual({
    ...REJECTED,
    ...(settings.taken?.at === "answered" ? { at: "selected", optionId: "no" } : {}),
  });
  expect(recorded).toEqual([]);
});

test("nothing is allowed that is not offered for once, unless somebody chose that", async () => {
  const ask = { ...ASK, options: OPTIONS.slice(0, 1) };
  const { desk } = deskOf({ policy: "approve-all" });
  expect(await desk.permission(ask, NEVER)).toEqual(REJECTED);
  const always = { at: "answered", given: given("for-good", "allow_always") } as const;
  const people = deskOf({ taken: always });
  expect(await people.desk.permission(ask, NEVER)).toEqual({
    at: "selected",
    optionId: "for-good",
  });
});

test("an always is told to the agent as once, because the grant is ours", async () => {
  const { desk } = deskOf({ asked: { at: "carried", given: given("for-good", "allow_always") } });
  expect(await desk.permission(ASK, NEVER)).toEqual(ALLOWED);
});

test("a grant of the channel allows also where nobody is to be asked, and is recorded", async () => {
  for (const policy of ["ask", "deny-all"] as const) {
    const { desk, recorded, questions } = deskOf({ policy, grants: [grantOf("gr_1")] });
    expect(await desk.permission(ASK, NEVER)).toEqual(ALLOWED);
    expect(recorded).toMatchObject([{ why: "grant", grantId: "gr_1" }]);
    expect(questions).toEqual([]);
  }
});

test("a grant that was revoked in between allows nothing: people are asked", async () => {
  const { desk, recorded, questions } = deskOf({ grants: [grantOf("gr_1")], revoked: true });
  expect(await desk.permission(ASK, NEVER)).toEqual(REJECTED);
  expect(questions).toHaveLength(1);
  expect(recorded).toEqual([]);
  const denying = deskOf({ policy: "deny-all", grants: [grantOf("gr_1")], revoked: true });
  expect(await denying.desk.permission(ASK, NEVER)).toEqual(REJECTED);
});

test.each([
  ["turn_cancelled", 1],
  ["question_withdrawn", 1],
  ["agent_gone", 0],
  ["turn_ended", 0],
] as const)(
  "a question that is over because of %s is closed %i times by the desk",
  async (why, times) => {
    const { desk, closed } = deskOf({ taken: { at: "pending", expiresInMs: 60_000 } });
    const over = new AbortController();
    const verdict = desk.permission(ASK, over.signal);
    await expect.poll(() => desk.open).toBe(1);
    over.abort(new QuestionOverError(why));
    expect(await verdict).toEqual(REJECTED);
    expect(closed).toHaveLength(times);
    expect(desk.open).toBe(0);
  },
);

test("a tool call that nobody can be shown is rejected, and said so", async () => {
  let input: unknown = "deep";
  for (let i = 0; i < 10_000; i += 1) {
    input = [input];
  }
  const { desk, failures } = deskOf({ policy: "approve-all" });
  const toolCall = { ...ASK.toolCall, rawInput: input };
  expect(await desk.permission({ ...ASK, toolCall }, NEVER)).toEqual(REJECTED);
  expect(failures).toHaveLength(1);
});

const FORM = {
  mode: "form",
  message: "Who?",
  requestedSchema: { type: "object", properties: { name: { type: "string" } } },
} as const satisfies ElicitationAsk;
const PAGE = { mode: "url", message: "Log in", url: "https://example.com/", elicitationId: "e" };

test("a form goes to people, and what they fill in to the agent", async () => {
  const accepted: GivenAnswer = {
    answer: { at: "accepted", content: { name: "Ada", odd: { nested: true } } },
    by: "person",
    answeredAt: 1,
  };
  const { desk, questions } = deskOf({ taken: { at: "answered", given: accepted } });
  expect(await desk.elicitation(FORM, NEVER)).toEqual({
    at: "accepted",
    content: { name: "Ada" },
  });
  expect(questions[0]?.question).toMatchObject({ type: "elicitation", message: "Who?" });
});

test.each<[string, Given, object]>([
  ["nobody is to be asked", { policy: "deny-all" }, FORM],
  ["nobody is to be asked, because all is approved", { policy: "approve-all" }, FORM],
  ["nobody answers", {}, FORM],
  ["the page is none of the web", {}, { ...PAGE, url: "file:///etc/passwd" }],
  ["the message is too long", {}, { ...PAGE, message: "m".repeat(10_000) }],
])("an elicitation is declined where %s", async (_name, settings, ask) => {
  const { desk } = deskOf(settings);
  expect(await desk.elicitation(ask as ElicitationAsk, NEVER)).toEqual({ at: "declined" });
});
