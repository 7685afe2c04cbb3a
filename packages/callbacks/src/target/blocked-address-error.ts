/** A name led to an address to which callbacks may not go. */
export class BlockedAddressError extends Error {
  override readonly name = "BlockedAddressError";
  readonly code = "BLOCKED_ADDRESS";

  constructor() {
    super("the name leads to a private address");
  }
}
