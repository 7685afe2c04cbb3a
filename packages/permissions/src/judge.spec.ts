import { type PermissionPolicy, type PermissionRule, TOOL_KINDS } from "@pilotlight/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { factsOf } from "../test/tool-calls.ts";
import { scopeOf } from "./grant-scope.ts";
import { type JudgeBy, judge } from "./judge.ts";
import type { ToolFacts } from "./tool-facts.ts";

const POLICIES: readonly PermissionPolicy[] = ["ask", "approve-reads", "approve-all", "deny-all"];
const EDIT = factsOf({ kind: "edit", name: "Edit", rawInput: { file_path: "/ws/src/a.ts" } });
const RUN = factsOf({
  kind: "execute",
  name: "Bash",
  title: "`npm test`",
  rawInput: { command: "npm test" },
});

function by(given: Partial<JudgeBy>): JudgeBy {
  return { policy: "ask", allow: [], deny: [], grants: [], nowMs: 1000, ...given };
}

function run(command: string): ToolFacts {
  return factsOf({ kind: "execute", title: command, rawInput: { command } });
}

test.each(TOOL_KINDS.flatMap((kind) => POLICIES.map((policy) => [kind, policy] as const)))(
  "%s under %s",
  (kind, policy) => {
    const inside = factsOf({ kind, rawInput: { path: "/ws/a" } });
    const looks = kind === "read" || kind === "search";
    const expected = {
      ask: "ask",
      "approve-reads": looks ? "allow" : "ask",
      "approve-all": "allow",
      "deny-all": "deny",
    }[policy];
    expect(judge(inside, by({ policy })).at).toBe(expected);
  },
);

test.each([
  ["outside", { kind: "read", rawInput: { path: "/etc/passwd" } }],
  ["inside and outside", { kind: "read", rawInput: { paths: ["/ws/a", "/ws-evil/a"] } }],
  ["no path", { kind: "search", rawInput: { pattern: "x" } }],
  ["a command", { kind: "read", rawInput: { command: "cat a", path: "/ws/a" } }],
  ["no kind", { rawInput: { path: "/ws/a" } }],
  ["an unknown kind", { kind: "readonly", rawInput: { path: "/ws/a" } }],
])("approve-reads asks for a read with %s", (_name, fields) => {
  expect(judge(factsOf(fields), by({ policy: "approve-reads" }))).toEqual({
    at: "ask",
    why: "policy",
  });
});

test.each<[string, PermissionRule, ToolFacts, boolean]>([
  ["its kind", { kind: "edit" }, EDIT, true],
  ["another kind", { kind: "read" }, EDIT, false],
  ["its name", { name: "Ed*" }, EDIT, true],
  ["a name, where none is told", { name: "*" }, run("x"), false],
  ["its path", { kind: "edit", path: "src/**" }, EDIT, true],
  ["another path", { kind: "edit", path: "lib/**" }, EDIT, false],
  [
    "a path, where one lies outside",
    { path: "**" },
    factsOf({ kind: "edit", rawInput: { paths: ["/ws/a", "/b"] } }),
    false,
  ],
  [
    "a path, where one does not match",
    { path: "src/*" },
    factsOf({ kind: "edit", rawInput: { paths: ["src/a", "b"] } }),
    false,
  ],
  [
    "a path, where something is run",
    { path: "**" },
    factsOf({ kind: "execute", locations: [{ path: "/ws/a" }], rawInput: { command: "x" } }),
    false,
  ],
  ["a path, where none is told", { path: "**" }, factsOf({ kind: "edit", title: "Edit" }), false],
  ["its command", { title: "npm test" }, RUN, true],
  ["its command by a pattern", { title: "npm *" }, RUN, true],
  ["a chain of commands by *", { title: "npm *" }, run("npm test && rm -rf ~"), false],
  ["a chain of commands by **", { title: "npm **" }, run("npm test && rm -rf ~"), true],
  ["a substitution by *", { title: "echo *" }, run("echo $(rm x)"), false],
  ["a second line by *", { title: "npm *" }, run("npm test\nrm x"), false],
  ["a redirection by *", { title: "echo *" }, run("echo x > .bashrc"), false],
  [
    "a title that does not tell the command",
    { title: "npm test" },
    factsOf({ kind: "execute", title: "npm test", rawInput: { command: "rm -rf /" } }),
    false,
  ],
  [
    "a title, where the input is not understood",
    { title: "npm test" },
    factsOf({ kind: "execute", title: "npm test", rawInput: { script: "rm -rf /" } }),
    false,
  ],
  [
    "a title alone, as gemini tells it",
    { title: "npm test" },
    factsOf({ kind: "execute", title: "npm test" }),
    true,
  ],
  [
    "a command that begins elsewhere",
    { title: "npm test" },
    factsOf({ kind: "execute", rawInput: { command: "npm test", workdir: "/tmp/x" } }),
    false,
  ],
  ["a title longer than is compared", { title: "**" }, run("x".repeat(5000)), false],
  [
    "a command called a read",
    { kind: "read" },
    factsOf({ kind: "read", rawInput: { command: "cat a" } }),
    false,
  ],
  [
    "a title of backquotes",
    { title: "Edit *" },
    factsOf({ kind: "edit", title: "Edit `a`" }),
    true,
  ],
])("an allow rule for %s", (_name, rule, facts, allowed) => {
  expect(judge(facts, by({ allow: [rule] }))).toEqual(
    allowed ? { at: "allow", why: "rule", rule } : { at: "ask", why: "policy" },
  );
});

test.each([..."; & | < > ` $ \n \r".split(" ")])(
  "an allow rule's * stops at %j, and ** does not",
  (stop) => {
    const chain = run(`npm test${stop}x`);
    expect(judge(chain, by({ allow: [{ title: "npm *" }] })).at).toBe("ask");
    expect(judge(chain, by({ allow: [{ title: "npm **" }] })).at).toBe("allow");
    expect(judge(chain, by({ deny: [{ title: "npm *" }] })).at).toBe("deny");
  },
);

test.each<[string, PermissionRule, ToolFacts, "deny" | "ask" | "allow"]>([
  ["its kind", { kind: "edit" }, EDIT, "deny"],
  ["another kind", { kind: "read" }, EDIT, "allow"],
  [
    "the kind that its agent calls a command",
    { kind: "read" },
    factsOf({ kind: "read", rawInput: { command: "x" } }),
    "deny",
  ],
  ["a kind, where none is told", { kind: "edit" }, factsOf({ rawInput: { path: "a" } }), "ask"],
  ["a path", { path: "src/**" }, EDIT, "deny"],
  [
    "a path in other letters",
    { path: ".ENV" },
    factsOf({ kind: "edit", rawInput: { path: ".env" } }),
    "deny",
  ],
  [
    "one of its paths",
    { path: "b" },
    factsOf({ kind: "edit", rawInput: { paths: ["a", "b"] } }),
    "deny",
  ],
  ["another path", { path: ".env" }, EDIT, "allow"],
  ["a path, where none is told", { path: ".env" }, factsOf({ kind: "edit" }), "ask"],
  ["a path, where something is run", { path: ".env" }, RUN, "ask"],
  ["a path of edits, where something is run", { kind: "edit", path: ".env" }, RUN, "allow"],
  [
    "a path below what is removed",
    { path: "src/a.ts" },
    factsOf({ kind: "delete", rawInput: { path: "src" } }),
    "ask",
  ],
  [
    "a path below what is searched",
    { path: "**/.env" },
    factsOf({ kind: "search", rawInput: { path: "." } }),
    "ask",
  ],
  [
    "a path beside what is removed",
    { path: "lib/a.ts" },
    factsOf({ kind: "delete", rawInput: { path: "src" } }),
    "allow",
  ],
  ["a command", { title: "rm *" }, run("rm -rf a; b"), "deny"],
  [
    "a command behind a nicer title",
    { title: "rm *" },
    factsOf({ kind: "execute", title: "Tidy up", rawInput: { command: "rm -rf a" } }),
    "deny",
  ],
  [
    "a title",
    { title: "Tidy*" },
    factsOf({ kind: "execute", title: "Tidy up", rawInput: { command: "rm -rf a" } }),
    "deny",
  ],
  ["another command", { title: "rm *" }, RUN, "allow"],
  [
    "a command, where the input is not understood",
    { title: "rm *" },
    factsOf({ kind: "execute", title: "x", rawInput: { script: "rm a" } }),
    "ask",
  ],
  ["a title, where none is told", { title: "rm *" }, factsOf({ kind: "edit" }), "ask"],
  ["a name, where none is told", { name: "Bash" }, run("x"), "ask"],
  ["another name", { name: "Bash" }, EDIT, "allow"],
])("a deny rule for %s, under approve-all", (_name, rule, facts, at) => {
  expect(judge(facts, by({ policy: "approve-all", deny: [rule] })).at).toBe(at);
});

test("a deny rule wins over allow rules, grants and every policy", () => {
  const scope = scopeOf(EDIT);
  if (scope === undefined) {
    throw new Error("no scope");
  }
  for (const policy of POLICIES) {
    const deny = [{ path: "src/a.*" }];
    const grants = [{ id: "g", scope, expiresAt: 5000 }];
    expect(judge(EDIT, by({ policy, deny, allow: [{ kind: "edit" }], grants }))).toEqual({
      at: "deny",
      why: "rule",
      rule: deny[0],
    });
  }
});

test("allow rules and grants hold where nobody is asked, and what is unclear is denied there", () => {
  const policy = "deny-all";
  expect(judge(EDIT, by({ policy, allow: [{ path: "src/**" }] })).at).toBe("allow");
  expect(
    judge(RUN, by({ policy, allow: [{ title: "npm test" }], deny: [{ path: ".env" }] })),
  ).toEqual({
    at: "deny",
    why: "policy",
  });
});

test("a grant holds until it expires", () => {
  const scope = scopeOf(RUN);
  if (scope === undefined) {
    throw new Error("no scope");
  }
  const grants = [{ id: "g", scope, expiresAt: 5000 }];
  expect(judge(RUN, by({ grants, nowMs: 4999 }))).toEqual({
    at: "allow",
    why: "grant",
    grantId: "g",
  });
  expect(judge(RUN, by({ grants, nowMs: 5000 })).at).toBe("ask");
});

const anyFacts = fc
  .record({
    kind: fc.constantFrom(...TOOL_KINDS, "odd", undefined),
    name: fc.constantFrom("Edit", "Bash", undefined),
    title: fc.constantFrom("npm test", "Edit a", "", undefined),
    rawInput: fc.constantFrom(
      undefined,
      {},
      { path: "src/a" },
      { path: "/etc/x" },
      { command: "npm test" },
      { command: "npm test; rm x", cwd: "/etc" },
      { script: "x" },
    ),
  })
  .map(factsOf);
const anyRule = fc.record(
  {
    kind: fc.constantFrom(...TOOL_KINDS),
    name: fc.constantFrom("Edit", "*"),
    title: fc.constantFrom("npm *", "**", "npm test"),
    path: fc.constantFrom("**", "src/*", "*"),
  },
  { requiredKeys: [] },
);
const anyBy = fc.record({
  policy: fc.constantFrom(...POLICIES),
  allow: fc.array(anyRule, { maxLength: 3 }),
  deny: fc.array(anyRule, { maxLength: 3 }),
});

test("one more deny rule never allows more", () => {
  fc.assert(
    fc.property(anyFacts, anyBy, anyRule, (facts, given, rule) => {
      const before = judge(facts, by(given)).at;
      const after = judge(facts, by({ ...given, deny: [...given.deny, rule] })).at;
      expect(after === "allow" && before !== "allow").toBe(false);
      expect(before === "deny" && after !== "deny").toBe(false);
    }),
  );
});

test("nobody is asked under deny-all, and nothing is denied by a policy that asks", () => {
  fc.assert(
    fc.property(anyFacts, anyBy, (facts, given) => {
      const verdict = judge(facts, by(given));
      expect(verdict.at === "ask" && given.policy === "deny-all").toBe(false);
      expect(verdict.why === "policy" && verdict.at === "deny" && given.policy !== "deny-all").toBe(
        false,
      );
    }),
  );
});
