import {
  type CreateElicitationRequest,
  type PermissionOption,
  RequestError,
  type RequestPermissionRequest,
} from "@agentclientprotocol/sdk";
import { expect, test } from "vitest";
import { createQuestionDesk } from "./question-desk.ts";
import type { PermissionVerdict, TurnPeople } from "./turn-people.ts";

const YES: PermissionOption = { optionId: "yes", name: "Yes", kind: "allow_once" };
const NO: PermissionOption = { optionId: "no", name: "No", kind: "reject_once" };
const NEVER: PermissionOption = { optionId: "never", name: "Never", kind: "reject_always" };

const request = (...options: PermissionOption[]): RequestPermissionRequest => ({
  sessionId: "s",
  toolCall: { toolCallId: "call-1", title: "Delete everything", kind: "delete" },
  options: options.length === 0 ? [YES, NO] : options,
});
const visit: CreateElicitationRequest = {
  sessionId: "s",
  mode: "url",
  message: "Log in",
  url: "https://example.com/login",
  elicitationId: "e-1",
};
const form: CreateElicitationRequest = {
  sessionId: "s",
  mode: "form",
  message: "Which one?",
  requestedSchema: { type: "object", properties: { one: { type: "string" } } },
  toolCallId: "call-2",
};

const selected = (optionId: string) => ({ outcome: { outcome: "selected", optionId } });
const CANCELLED = { outcome: { outcome: "cancelled" } };
const STAYING = new AbortController().signal;

function desk(people: Partial<TurnPeople> | undefined, onChange: () => void = () => undefined) {
  const nobody = () => new Promise<never>(() => undefined);
  return createQuestionDesk({
    people:
      people === undefined ? undefined : { permission: nobody, elicitation: nobody, ...people },
    onChange,
  });
}

test.each<[string, PermissionVerdict, PermissionOption[], string | undefined]>([
  ["selected", { at: "selected", optionId: "yes" }, [YES, NO], "yes"],
  ["selected, which was not offered", { at: "selected", optionId: "other" }, [YES, NO], "no"],
  ["rejected", { at: "rejected" }, [YES, NEVER, NO], "no"],
  ["rejected, for good only", { at: "rejected" }, [YES, NEVER], "never"],
  ["rejected, which cannot be said", { at: "rejected" }, [YES], undefined],
  ["cancelled", { at: "cancelled" }, [YES, NO], undefined],
])("a permission that is %s", async (_, verdict, options, optionId) => {
  const { permission } = desk({ permission: () => Promise.resolve(verdict) });
  expect(await permission(request(...options), STAYING)).toEqual(
    optionId === undefined ? CANCELLED : selected(optionId),
  );
});

test("where nobody answers, or answering fails, nothing is allowed", async () => {
  const silent = desk(undefined);
  expect(await silent.permission(request(), STAYING)).toEqual(selected("no"));
  expect(await silent.elicitation(form, STAYING)).toEqual({ action: "cancel" });
  const failing = desk({
    permission: () => Promise.reject(new Error("store is away")),
    elicitation: () => {
      throw new Error("store is away");
    },
  });
  expect(await failing.permission(request(), STAYING)).toEqual(selected("no"));
  expect(await failing.elicitation(form, STAYING)).toEqual({ action: "cancel" });
});

test("a form and a page to visit reach the people, and their answers the agent", async () => {
  const asked: unknown[] = [];
  const { elicitation } = desk({
    async elicitation(ask) {
      asked.push(ask);
      return ask.mode === "form"
        ? { at: "accepted", content: { one: "this" } }
        : { at: "declined" };
    },
  });
  expect(await elicitation(form, STAYING)).toEqual({ action: "accept", content: { one: "this" } });
  expect(await elicitation(visit, STAYING)).toEqual({ action: "decline" });
  const { sessionId, ...formAsked } = form as typeof form & { sessionId: string };
  const { sessionId: _, ...visitAsked } = visit as typeof visit & { sessionId: string };
  expect(asked).toEqual([formAsked, visitAsked]);
});

test("a kind of question that was not offered is not put to anybody", async () => {
  const { elicitation } = desk({ elicitation: () => Promise.resolve({ at: "accepted" }) });
  const strange = { sessionId: "s", mode: "_dance", message: "Please" } as CreateElicitationRequest;
  expect(await elicitation(strange, STAYING)).toEqual({ action: "cancel" });
});

test("a cancel answers what is open and what comes later, and a late yes allows nothing", async () => {
  const yes = Promise.withResolvers<PermissionVerdict>();
  let over: AbortSignal | undefined;
  const { permission, elicitation, cancel } = desk({
    permission: (_, signal) => {
      over = signal;
      return yes.promise;
    },
  });
  const open = [permission(request(), STAYING), elicitation(form, STAYING)];
  cancel("turn_cancelled");
  yes.resolve({ at: "selected", optionId: "yes" });
  expect(await Promise.all(open)).toEqual([CANCELLED, { action: "cancel" }]);
  expect(over?.reason).toMatchObject({ code: "turn_cancelled" });
  expect(await permission(request(), STAYING)).toEqual(CANCELLED);
  expect(await elicitation(visit, STAYING)).toEqual({ action: "cancel" });
});

test("a yes that comes together with the cancel allows nothing", async () => {
  const yes = Promise.withResolvers<PermissionVerdict>();
  const { permission, cancel } = desk({ permission: () => yes.promise });
  const open = permission(request(), STAYING);
  yes.resolve({ at: "selected", optionId: "yes" });
  cancel("turn_cancelled");
  expect(await open).toEqual(CANCELLED);
});

test("what the agent withdraws is over, and the other question stays open", async () => {
  const withdrawn = new AbortController();
  const yes = Promise.withResolvers<PermissionVerdict>();
  const signals: AbortSignal[] = [];
  const questions = desk({
    permission: (_, signal) => {
      signals.push(signal);
      return yes.promise;
    },
  });
  const first = questions.permission(request(), withdrawn.signal);
  const second = questions.permission(request(), STAYING);
  withdrawn.abort(RequestError.requestCancelled({}));
  expect(await first).toEqual(CANCELLED);
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  expect(signals[0]?.reason).toMatchObject({ code: "question_withdrawn" });
  expect(questions.open).toBe(1);
  yes.resolve({ at: "selected", optionId: "yes" });
  expect(await second).toEqual(selected("yes"));
  expect(await questions.permission(request(), AbortSignal.abort())).toEqual(CANCELLED);
});

test("a page that was visited needs no answer any more", async () => {
  let over: AbortSignal | undefined;
  const questions = desk({
    elicitation: (_, signal) => {
      over = signal;
      return new Promise(() => undefined);
    },
  });
  const open = questions.elicitation(visit, STAYING);
  questions.complete("e-2");
  expect(questions.open).toBe(1);
  questions.complete("e-1");
  expect(await open).toEqual({ action: "accept" });
  expect(over?.aborted).toBe(true);
});

test("a question that was answered does not end once more", async () => {
  const withdrawn = new AbortController();
  let over: AbortSignal | undefined;
  const { permission, cancel } = desk({
    permission: async (_, signal) => {
      over = signal;
      return { at: "rejected" };
    },
  });
  await permission(request(), withdrawn.signal);
  withdrawn.abort();
  cancel("turn_ended");
  expect(over?.aborted).toBe(false);
});

test("it says while anything is open", async () => {
  const seen: number[] = [];
  const yes = Promise.withResolvers<PermissionVerdict>();
  const questions = desk({ permission: () => yes.promise }, () => {
    seen.push(questions.open);
  });
  const both = [request(), request()].map((one) => questions.permission(one, STAYING));
  yes.resolve({ at: "rejected" });
  await Promise.all(both);
  expect(seen).toEqual([1, 2, 1, 0]);
});
