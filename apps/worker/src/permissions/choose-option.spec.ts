import type { PermissionOption } from "@pilotlight/sessions";
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
  ["deny-all", ALL, undefined],
  ["approve-all", ALL, "allow_once"],
  ["approve-all", [option("allow_always"), option("reject_once")], undefined],
  ["approve-all", [], undefined],
] as const)("%s of %j: %s", (policy, options, kind) => {
  expect(chooseOption(policy, options)?.kind).toBe(kind);
});
