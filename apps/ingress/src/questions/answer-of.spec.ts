import type { Question } from "@pilotlight/contracts";
import { describe, expect, it, test } from "vitest";
import { HttpProblem } from "../http/http-problem.ts";
import { answerOf } from "./answer-of.ts";

const common = {
  id: "qu_00000000000000000000000000",
  channel: "ops",
  promptId: "p_00000000000000000000000000",
  agent: "demo",
  state: "pending",
  askedAt: 1,
  expiresAt: 2,
  hash: "abc",
} as const;
type Permission = Extract<Question, { type: "permission" }>;
const permission: Permission = {
  ...common,
  type: "permission",
  toolCall: { toolCallId: "c", kind: "edit", title: "Write a.txt", paths: ["a.txt"] },
  options: [
    { optionId: "yes", name: "Yes", kind: "allow_once" },
    { optionId: "forever", name: "Always", kind: "allow_always" },
    { optionId: "no", name: "No", kind: "reject_once" },
  ],
  always: { kind: "edit", paths: ["a.txt"], description: "edit a.txt" },
};
const form: Question = {
  ...common,
  type: "elicitation",
  message: "Which one?",
  form: {
    type: "object",
    properties: {
      name: { type: "string", minLength: 2, pattern: "^(a+)+$" },
      count: { type: "integer", minimum: 1 },
      colour: { type: "string", oneOf: [{ const: "red", title: "Red" }] },
    },
    required: ["name", "not-there"],
  },
};

function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return error instanceof HttpProblem ? error.problemCode : String(error);
  }
  return "none";
}

describe("a permission", () => {
  it.each([
    [{ optionId: "yes" }, { at: "selected", optionId: "yes", kind: "allow_once" }],
    [{ decision: "allow_once" }, { at: "selected", optionId: "yes", kind: "allow_once" }],
    [{ decision: "reject_once" }, { at: "selected", optionId: "no", kind: "reject_once" }],
  ] as const)("is answered by id or by what it means: %j", (request, answer) => {
    expect(answerOf(permission, request)).toEqual(answer);
  });

  it("lets the agent remember nothing where somebody says always", () => {
    const always = { at: "selected", optionId: "yes", kind: "allow_always" };
    expect(answerOf(permission, { decision: "allow_always" })).toEqual(always);
    expect(answerOf(permission, { optionId: "forever" })).toEqual(always);
  });

  it("takes no always where there is nothing that it could cover", () => {
    const { always: _, ...narrow } = permission;
    expect(codeOf(() => answerOf(narrow, { optionId: "forever" }))).toBe("unknown_option");
  });

  it("names always where the agent has no option of its own for it", () => {
    const options = permission.options.filter(({ kind }) => kind !== "allow_always");
    const offered = (question: Permission) => () => answerOf(question, { optionId: "maybe" });
    expect(offered({ ...permission, options })).toThrow(/decision allow_always/);
    expect(offered(permission)).not.toThrow(/decision allow_always/);
  });

  it("names what was offered to whom picks something else", () => {
    expect(() => answerOf(permission, { optionId: "maybe" })).toThrow(/yes \(allow_once\)/);
    expect(codeOf(() => answerOf(permission, { optionId: "maybe" }))).toBe("unknown_option");
    expect(codeOf(() => answerOf(permission, { decision: "reject_always" }))).toBe(
      "unknown_option",
    );
    expect(codeOf(() => answerOf(permission, { action: "accept" }))).toBe("invalid_answer");
  });
});

test("an answer that names something else than is asked is refused", () => {
  expect(codeOf(() => answerOf(permission, { optionId: "yes", hash: "other" }))).toBe(
    "shown_differs",
  );
  expect(answerOf(permission, { optionId: "yes", hash: "abc" }).at).toBe("selected");
});

describe("an elicitation", () => {
  const accept = (content: Record<string, unknown>) =>
    answerOf(form, { action: "accept", content });

  it("is accepted with fields that fit its form", () => {
    const content = { name: "ada", count: 3, colour: "red" };
    expect(accept(content)).toEqual({ at: "accepted", content });
    expect(answerOf(form, { action: "decline" })).toEqual({ at: "declined" });
  });

  it.each([
    [{}, "invalid_value"],
    [{ name: "a" }, "invalid_value"],
    [{ name: "ada", count: "3" }, "wrong_type"],
    [{ name: "ada", count: 0 }, "invalid_value"],
    [{ name: "ada", colour: "blue" }, "invalid_value"],
    [{ name: "ada", other: 1 }, "unknown_field"],
  ])("is refused with %j", (content, code) => {
    expect(codeOf(() => accept(content))).toBe(code);
  });

  it("never runs a pattern of the agent's", () => {
    expect(accept({ name: `${"a".repeat(40)}b` }).at).toBe("accepted");
  });
});
