import { expect, test } from "vitest";
import { chooseOption } from "./choose-option.ts";

const option = (kind: string) => ({ optionId: `id-${kind}`, kind });
const ALL = ["allow_always", "allow_once", "reject_always", "reject_once"].map(option);

test.each([
  ["allow_once", ALL, "allow_once"],
  ["allow_always", ALL, "allow_once"],
  ["reject_once", ALL, "reject_once"],
  ["reject_always", ALL, "reject_always"],
  ["allow_once", [option("allow_always"), option("reject_once")], undefined],
  ["allow_always", [option("allow_always"), option("reject_once")], "allow_always"],
  ["reject_once", [option("allow_once"), option("reject_always")], "reject_always"],
  ["reject_always", [option("reject_once")], "reject_once"],
  ["reject_once", [option("allow_once"), option("allow_always")], undefined],
  ["allow_once", [], undefined],
  ["allow_always", [option("approve"), option("ALLOW_ONCE")], undefined],
] as const)("%s of %j: %s", (decision, options, kind) => {
  expect(chooseOption(options, decision)?.kind).toBe(kind);
});
