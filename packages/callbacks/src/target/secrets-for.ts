/** The secrets of the hosts that a pattern names: a host, `*.` and the end of one, or `*` for all others. */
export interface HostSecrets {
  readonly host: string;
  /** Active at the same time: a callback is signed with each. `whsec_` and base64. */
  readonly secrets: readonly string[];
}

/** The secrets by which callbacks to this host are signed: those of the pattern that names it most closely; none: []. */
export function secretsFor(hostname: string, all: readonly HostSecrets[]): readonly string[] {
  const host = hostname.replace(/\.$/, "");
  const fitting = all.filter((one) => fits(host, one.host));
  return fitting.sort((a, b) => closeness(b.host) - closeness(a.host))[0]?.secrets ?? [];
}

function fits(host: string, pattern: string): boolean {
  return pattern.startsWith("*") ? host.endsWith(pattern.slice(1)) : host === pattern;
}

/** A host itself, then the longest end of one. */
function closeness(pattern: string): number {
  return pattern.startsWith("*") ? pattern.length : Number.POSITIVE_INFINITY;
}
