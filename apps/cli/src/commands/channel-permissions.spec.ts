import { InvalidArgumentError } from "commander";
import { expect, test } from "vitest";
import { changePermissions, collectRule, parseRule } from "./channel-permissions.ts";

test("a rule is its fields", () => {
  expect(parseRule("kind=edit,path=src/**")).toEqual({ kind: "edit", path: "src/**" });
  expect(parseRule("title=cut -d, -f1 a=b,kind=execute")).toEqual({
    title: "cut -d, -f1 a=b",
    kind: "execute",
  });
  expect(collectRule("name=Bash", [{ kind: "read" }])).toEqual([
    { kind: "read" },
    { name: "Bash" },
  ]);
});

test.each([
  "",
  "edit",
  "kind=frobnicate",
  "colour=red",
  "path=/etc/**",
  "path=../x",
  "path=src/",
  "kind=edit,kind=read",
  "name=",
])("%j is no rule", (text) => {
  expect(() => parseRule(text)).toThrow(InvalidArgumentError);
});

test("options change what they name, and leave the rest", () => {
  const before = { policy: "ask" as const, deny: [{ path: ".env" }] };
  expect(changePermissions(before, {})).toBeUndefined();
  expect(changePermissions(undefined, { permissions: "deny-all" })).toBe("deny-all");
  expect(changePermissions("ask", { permissions: "deny-all" })).toBe("deny-all");
  expect(changePermissions("ask", { allow: [{ kind: "read" }] })).toEqual({
    policy: "ask",
    allow: [{ kind: "read" }],
  });
  expect(changePermissions(before, { permissions: "approve-reads", askSecs: 60 })).toEqual({
    policy: "approve-reads",
    deny: [{ path: ".env" }],
    askSecs: 60,
  });
  expect(changePermissions(undefined, { grantSecs: 60 })).toEqual({ grantSecs: 60 });
});
