import { type LookupAddress, lookup as systemLookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { BlockedAddressError } from "./blocked-address-error.ts";
import { isPublicAddress } from "./is-public-address.ts";

/** Resolves a name to all its addresses. */
export type Resolve = (
  hostname: string,
  answer: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void;

export const resolveBySystem: Resolve = (hostname, answer) => {
  systemLookup(hostname, { all: true }, (error, addresses) => answer(error, addresses ?? []));
};

/**
 * The `lookup` of a connection: what is checked here is what is connected to, because nobody resolves the name again.
 * One address that is not public spoils them all: a name that mixes them means no good.
 *
 * Connections to literal addresses do not ask: `checkTarget` looks at those.
 */
export function guardedLookup(resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, (error, addresses) => {
      const [first] = addresses;
      const blocked = addresses.some(({ address }) => !isPublicAddress(address));
      if (error !== null || first === undefined) {
        callback(error ?? new Error("the name has no address"), "", 0);
      } else if (blocked) {
        callback(new BlockedAddressError(), "", 0);
      } else if (options.all === true) {
        callback(null, [...addresses]);
      } else {
        callback(null, first.address, first.family);
      }
    });
  };
}
