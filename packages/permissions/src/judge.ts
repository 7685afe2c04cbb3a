import type { Grant, PermissionPolicy, PermissionRule } from "@pilotlight/contracts";
import { isWithin } from "./grant-scope.ts";
import { matchesAllow, matchesDeny } from "./judge-rule.ts";
import type { ToolFacts } from "./tool-facts.ts";

/** What is to be answered, and why. */
export type Verdict =
  | { readonly at: "allow"; readonly why: "rule"; readonly rule: PermissionRule }
  | { readonly at: "allow"; readonly why: "grant"; readonly grantId: string }
  /** `reads`: it looks at something inside the workspace. */
  | { readonly at: "allow"; readonly why: "policy" | "reads" }
  | { readonly at: "deny"; readonly why: "rule"; readonly rule: PermissionRule }
  | { readonly at: "deny"; readonly why: "policy" }
  /** A person is asked. `unclear`: it would be allowed, if it were sure that no rule denies it. */
  | { readonly at: "ask"; readonly why: "policy" | "unclear" };

export interface JudgeBy {
  readonly policy: PermissionPolicy;
  readonly allow: readonly PermissionRule[];
  readonly deny: readonly PermissionRule[];
  /** Of the channel; expired ones count for nothing. */
  readonly grants: readonly Pick<Grant, "id" | "scope" | "expiresAt">[];
  readonly nowMs: number;
}

/**
 * Deny rules come first, over everything; then allow rules, grants, and the policy for the rest. What is unclear never
 * allows: where a deny rule could be about the call, and the call does not tell enough, a person is asked; or nobody and it is
 * denied, where the policy is `deny-all`.
 */
export function judge(facts: ToolFacts, by: JudgeBy): Verdict {
  const denials = by.deny.map((rule) => ({ rule, match: matchesDeny(rule, facts) }));
  const denial = denials.find(({ match }) => match === "yes");
  if (denial !== undefined) {
    return { at: "deny", why: "rule", rule: denial.rule };
  }
  const verdict = unlessDenied(facts, by);
  const unclear = denials.some(({ match }) => match === "unclear");
  if (verdict.at === "allow" && unclear) {
    return by.policy === "deny-all" ? { at: "deny", why: "policy" } : { at: "ask", why: "unclear" };
  }
  return verdict;
}

function unlessDenied(facts: ToolFacts, by: JudgeBy): Verdict {
  const rule = by.allow.find((one) => matchesAllow(one, facts) === "yes");
  if (rule !== undefined) {
    return { at: "allow", why: "rule", rule };
  }
  const grant = by.grants.find(
    ({ scope, expiresAt }) => expiresAt > by.nowMs && isWithin(scope, facts),
  );
  if (grant !== undefined) {
    return { at: "allow", why: "grant", grantId: grant.id };
  }
  switch (by.policy) {
    case "approve-all":
      return { at: "allow", why: "policy" };
    case "deny-all":
      return { at: "deny", why: "policy" };
    case "approve-reads":
      return looksInside(facts) ? { at: "allow", why: "reads" } : { at: "ask", why: "policy" };
    case "ask":
      return { at: "ask", why: "policy" };
  }
}

function looksInside({ kind, pathsKnown, outside }: ToolFacts): boolean {
  return (kind === "read" || kind === "search") && pathsKnown && outside.length === 0;
}
