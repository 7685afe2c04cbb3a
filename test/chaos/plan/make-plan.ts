/** What a fault does. Hosts are numbered from 0; `forMs` is how long a freeze lasts. */
export type Fault =
  | {
      readonly kind: "kill-worker" | "kill-warden" | "kill-pair" | "restart-host";
      readonly host: number;
    }
  | {
      readonly kind: "freeze-worker" | "freeze-pair";
      readonly host: number;
      readonly forMs: number;
    }
  | { readonly kind: "kill-agent"; readonly host: number }
  | { readonly kind: "kill-ingress"; readonly ingress: number }
  | { readonly kind: "kill-redis" }
  | { readonly kind: "freeze-redis"; readonly forMs: number };

export interface PlannedFault {
  /** From the beginning of the load. */
  readonly atMs: number;
  readonly fault: Fault;
}

export interface PlanOptions {
  readonly faults: number;
  readonly hosts: number;
  readonly ingresses: number;
  readonly leaseTtlMs: number;
  /** Between two faults, on average. */
  readonly everyMs: number;
}

const KINDS = [
  "kill-worker",
  "kill-worker",
  "freeze-worker",
  "kill-warden",
  "kill-pair",
  "freeze-pair",
  "restart-host",
  "kill-agent",
  "kill-ingress",
  "kill-redis",
  "freeze-redis",
] as const;

/** The whole campaign up front: the same numbers from `random` make the same plan. */
export function makePlan(options: PlanOptions, random: () => number): PlannedFault[] {
  let atMs = options.everyMs;
  return Array.from({ length: options.faults }, () => {
    const planned = { atMs: Math.round(atMs), fault: makeFault(options, random) };
    atMs += options.everyMs * (0.5 + random());
    return planned;
  });
}

function makeFault(options: PlanOptions, random: () => number): Fault {
  const below = (bound: number) => Math.floor(random() * bound);
  const kind = KINDS[below(KINDS.length)] as (typeof KINDS)[number];
  // From a tenth of the leases' life to twice as long.
  const forMs = Math.round(options.leaseTtlMs * (0.1 + 1.9 * random()));
  switch (kind) {
    case "kill-ingress":
      return { kind, ingress: below(options.ingresses) };
    case "kill-redis":
      return { kind };
    case "freeze-redis":
      return { kind, forMs };
    case "freeze-worker":
    case "freeze-pair":
      return { kind, host: below(options.hosts), forMs };
    default:
      return { kind, host: below(options.hosts) };
  }
}
