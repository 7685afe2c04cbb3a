import ipaddr from "ipaddr.js";

/** Ordinary addresses by every table, behind which clouds keep what is not for everybody. */
const KEPT_BY_CLOUDS = new Set(["168.63.129.16"]);

/**
 * Whether an address, as resolvers and parsed URLs write it, is one of the open Internet. What names an IPv4 address
 * inside an IPv6 one (mapped, compatible, 6to4, Teredo, NAT64) is not, whatever it names: nobody has to look inside then.
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text) || KEPT_BY_CLOUDS.has(text)) {
    return false;
  }
  const address = ipaddr.parse(text);
  if (address.range() !== "unicast") {
    return false;
  }
  // IPv6 is handed out of 2000::/3 only; tables that name exceptions miss some of the rest, as ::127.0.0.1.
  return address.kind() === "ipv4" || ((address.toByteArray()[0] ?? 0) & 0xe0) === 0x20;
}
