import type { PermissionOption } from "@agentclientprotocol/sdk";
import { expect, test } from "vitest";
import { chooseOption } from "./choose-option.ts";

const option = (kind: PermissionOption["kind"]) => ({ optionId: `id-${kind}`, name: kind, kind });
const ALL = [
  option("allow_always"),
  option("allow_once"),
  option("reject_always"),
  option("reject_once"),
];

test.each([
  ["deny-all", ALL, "reject", "reject_once"],
  ["deny-all", [option("allow_once"), option("reject_always")], "reject", "reject_always"],
  ["deny-all", [option("allow_once"), option("allow_always")], "reject", undefined],
  ["approve-all", ALL, "allow", "allow_once"],
  ["approve-all", [option("allow_always"), option("reject_once")], "reject", "reject_once"],
  ["approve-all", [option("allow_always")], "reject", undefined],
  ["approve-all", [], "reject", undefined],
] as const)("%s of %j: %s by %s", (policy, options, at, kind) => {
  expect(chooseOption(policy, options)).toEqual({
    at,
    option: kind === undefined ? undefined : option(kind),
  });
});
