import type { PermissionPolicy } from "@pilotlight/contracts";
import type { PermissionOption } from "@pilotlight/sessions";

/** The option that the policy allows a request by; none: it is rejected. Nothing is ever allowed for more than once. */
export function chooseOption(
  policy: PermissionPolicy,
  options: readonly PermissionOption[],
): PermissionOption | undefined {
  return policy === "approve-all"
    ? // By its kind, because ids differ between agents.
      options.find(({ kind }) => kind === "allow_once")
    : undefined;
}
