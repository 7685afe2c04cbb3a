import type { OptionKind } from "@pilotlight/contracts";

/** Which kinds say it, the best first. */
const KINDS: Readonly<Record<OptionKind, readonly OptionKind[]>> = {
  allow_once: ["allow_once"],
  // Our own grant makes it "always": it expires and can be revoked. What the agent remembers is out of our hands.
  allow_always: ["allow_once", "allow_always"],
  reject_once: ["reject_once", "reject_always"],
  reject_always: ["reject_always", "reject_once"],
};

/**
 * The offered option that says so, by its kind, because ids differ between agents; undefined where none does. Nothing is
 * allowed for more than once by `allow_once`.
 */
export function chooseOption<Option extends { readonly kind: string }>(
  options: readonly Option[],
  decision: OptionKind,
): Option | undefined {
  for (const kind of KINDS[decision]) {
    const option = options.find((one) => one.kind === kind);
    if (option !== undefined) {
      return option;
    }
  }
  return undefined;
}
