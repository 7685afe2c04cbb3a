import { isIP } from "node:net";
import { isPublicAddress } from "./is-public-address.ts";

/** Where callbacks may go besides `https://` at public addresses on port 443. */
export interface CallbackRules {
  /** `http://` as well, on port 80. */
  readonly allowHttp: boolean;
  /** Further ports at public addresses. */
  readonly ports: readonly number[];
  /** `host:port` as a parsed URL has them: may be http, and may be at any address. */
  readonly allowPrivate: readonly string[];
}

/** Where a callback goes. */
export type Target =
  | {
      readonly at: "allowed";
      readonly url: URL;
      /** Scheme, host and port: what is tried, fails and rests together. */
      readonly endpoint: string;
      /** The configuration names it: its addresses need not be public. */
      readonly isNamed: boolean;
    }
  /** `reason` follows on the field's name; `isAddress` where its address is what is wrong. */
  | { readonly at: "refused"; readonly reason: string; readonly isAddress: boolean };

const PORTS: Readonly<Record<string, number>> = { "https:": 443, "http:": 80 };

/** Whether a callback may go to this URL, as far as can be told without asking a resolver. */
export function checkTarget(text: string, rules: CallbackRules): Target {
  const url = URL.parse(text);
  const usual = PORTS[url?.protocol ?? ""];
  if (url === null || usual === undefined) {
    return refused(`must be an ${rules.allowHttp ? "http:// or " : ""}https:// URL`);
  }
  if (url.username !== "" || url.password !== "") {
    return refused("must not hold a user or a password");
  }
  const port = url.port === "" ? usual : Number(url.port);
  const isNamed = rules.allowPrivate.includes(`${url.hostname}:${port}`);
  const target = { at: "allowed", url, endpoint: url.origin, isNamed } as const;
  if (isNamed) {
    return target;
  }
  if (url.protocol === "http:" && !rules.allowHttp) {
    return refused("must be an https:// URL");
  }
  if (port !== usual && !rules.ports.includes(port)) {
    return refused(`must not name port ${port}`);
  }
  const host = url.hostname.replace(/^\[|\]$|\.$/g, "");
  const isLocal = host === "localhost" || host.endsWith(".localhost");
  if (isLocal || (isIP(host) !== 0 && !isPublicAddress(host))) {
    return { ...refused("must not be at a private address"), isAddress: true };
  }
  return target;
}

function refused(reason: string) {
  return { at: "refused", reason, isAddress: false } as const;
}
