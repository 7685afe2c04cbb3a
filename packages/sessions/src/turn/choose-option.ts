import type { PermissionOption, PermissionOptionKind } from "@agentclientprotocol/sdk";
import type { PermissionPolicy } from "@pilotlight/contracts";

/** How a permission request is to be answered; without an option it is answered `cancelled`. */
export type PermissionChoice =
  | { readonly at: "allow"; readonly option: PermissionOption }
  | { readonly at: "reject"; readonly option: PermissionOption | undefined };

/** By the option's kind, because ids differ between agents. Nothing is ever allowed for more than once. */
export function chooseOption(
  policy: PermissionPolicy,
  options: readonly PermissionOption[],
): PermissionChoice {
  const allowing = ofKind(options, "allow_once");
  return policy === "approve-all" && allowing !== undefined
    ? { at: "allow", option: allowing }
    : rejection(options);
}

export function rejection(options: readonly PermissionOption[]): PermissionChoice {
  return {
    at: "reject",
    option: ofKind(options, "reject_once") ?? ofKind(options, "reject_always"),
  };
}

function ofKind(options: readonly PermissionOption[], kind: PermissionOptionKind) {
  return options.find((option) => option.kind === kind);
}
