import { tmpdir } from "node:os";
import type { PermissionRule } from "@pilotlight/contracts";
import { expect, test } from "vitest";
import { type PermissionGrant, peopleByPolicy } from "./people-by-policy.ts";

const ASK = {
  toolCall: { toolCallId: "c", title: "Edit a", kind: "edit" as const, rawInput: { path: "a" } },
  options: [
    { optionId: "for-good", name: "Always", kind: "allow_always" as const },
    { optionId: "yes", name: "Once", kind: "allow_once" as const },
    { optionId: "no", name: "No", kind: "reject_once" as const },
  ],
};

interface Given {
  readonly policy?: "ask" | "deny-all" | "approve-all";
  readonly allow?: readonly PermissionRule[];
  readonly deny?: readonly PermissionRule[];
  readonly options?: typeof ASK.options;
  readonly directory?: string | undefined;
}

async function answer({
  policy = "ask",
  allow = [],
  deny = [],
  options = ASK.options,
  ...more
}: Given) {
  const grants: PermissionGrant[] = [];
  const people = peopleByPolicy({
    permissions: { policy, allow, deny },
    directory: "directory" in more ? more.directory : tmpdir(),
    recordGrant: async (grant) => {
      grants.push(grant);
    },
  });
  const verdict = await people.permission({ ...ASK, options }, new AbortController().signal);
  return { verdict, grants };
}

test("what a rule or the policy allows is recorded, and allowed once", async () => {
  const allowed = {
    verdict: { at: "selected", optionId: "yes" },
    grants: [{ toolCallId: "c", title: "Edit a", kind: "edit", optionId: "yes" }],
  };
  expect(await answer({ policy: "approve-all" })).toEqual(allowed);
  expect(await answer({ policy: "deny-all", allow: [{ kind: "edit", path: "a" }] })).toEqual(
    allowed,
  );
});

test.each<[string, Given]>([
  ["nobody is there to be asked", {}],
  ["the policy denies", { policy: "deny-all" }],
  ["a rule denies", { policy: "approve-all", deny: [{ path: "a" }] }],
  ["it is not offered for once", { policy: "approve-all", options: ASK.options.slice(0, 1) }],
  ["it is not known where its agent works", { policy: "approve-all", directory: undefined }],
])("nothing is allowed where %s", async (_name, given) => {
  expect(await answer(given)).toEqual({ verdict: { at: "rejected" }, grants: [] });
});
