import { expect, test } from "vitest";
import { factsOf } from "../test/tool-calls.ts";
import { isWithin, scopeOf } from "./grant-scope.ts";
import type { ToolFacts } from "./tool-facts.ts";

const edit = (paths: readonly string[], more = {}) =>
  factsOf({ kind: "edit", name: "Edit", rawInput: { paths }, ...more });
const bash = (command: string, more = {}) =>
  factsOf({ kind: "execute", name: "Bash", title: command, rawInput: { command, ...more } });

function scopeFrom(facts: ToolFacts) {
  const scope = scopeOf(facts);
  if (scope === undefined) {
    throw new Error("no scope");
  }
  return scope;
}

test("an edit is granted for its paths, and for each of them", () => {
  const scope = scopeFrom(edit(["/ws/src/a", "/ws/src/b"]));
  expect(scope).toEqual({
    kind: "edit",
    name: "Edit",
    paths: ["src/a", "src/b"],
    description: "edit src/a, src/b with Edit",
  });
  expect(isWithin(scope, edit(["src/b"]))).toBe(true);
  for (const other of [
    edit(["src/c"]),
    edit(["src/a", "src/c"]),
    edit(["src/a", "/etc/x"]),
    edit([]),
    edit(["src/a"], { kind: "delete" }),
    edit(["src/a"], { name: "Write" }),
    edit(["src/a"], { name: undefined }),
    factsOf({ kind: "edit", name: "Edit", rawInput: { path: "src/a", command: "rm x" } }),
  ]) {
    expect(isWithin(scope, other)).toBe(false);
  }
});

test("a command is granted as it is, whatever its agent remarks about it", () => {
  const scope = scopeFrom(bash("npm test", { description: "Run the tests" }));
  expect(scope).toMatchObject({
    kind: "execute",
    description: 'execute exactly "npm test" with Bash',
  });
  expect(isWithin(scope, bash("npm test", { description: "Tests again" }))).toBe(true);
  for (const other of [
    bash("npm test "),
    bash("npm test; rm x"),
    bash("npm test", { cwd: "/ws/sub" }),
    bash("npm test", { run_in_background: true }),
  ]) {
    expect(isWithin(scope, other)).toBe(false);
  }
});

test("a command that is told by its title alone is granted by it", () => {
  const scope = scopeFrom(factsOf({ kind: "execute", title: "npm test" }));
  expect(isWithin(scope, factsOf({ kind: "execute", title: "npm test" }))).toBe(true);
  expect(isWithin(scope, factsOf({ kind: "execute", title: "npm tesT" }))).toBe(false);
  expect(
    isWithin(scope, factsOf({ kind: "execute", title: "npm test", rawInput: { script: "x" } })),
  ).toBe(false);
});

test.each([
  ["outside of the workspace", edit(["/etc/x"])],
  ["without a path", factsOf({ kind: "edit", title: "Edit" })],
  [
    "for a change of mode",
    factsOf({ kind: "switch_mode", title: "Plan", rawInput: { plan: "x" } }),
  ],
  ["where nothing is told", factsOf({ kind: "execute" })],
])("nothing is granted for always %s", (_name, facts) => {
  expect(scopeOf(facts)).toBeUndefined();
});

test("a scope that says nothing, or two things, grants nothing", () => {
  const facts = edit(["src/a"]);
  const { kind, name, description } = scopeFrom(facts);
  expect(isWithin({ kind, name, description }, facts)).toBe(false);
  expect(isWithin({ kind, name, description, paths: ["src/a"], inputHash: "x" }, facts)).toBe(
    false,
  );
});
