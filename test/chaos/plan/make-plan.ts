/** What a fault does. Hosts and ingresses are numbered from 0; `forMs` is how long it lasts until it is healed. */
export type Fault =
  | {
      readonly kind: "kill-worker" | "kill-warden" | "kill-pair" | "restart-host" | "kill-agent";
      readonly host: number;
    }
  | {
      readonly kind: "freeze-worker" | "freeze-agent" | "freeze-host" | "lose-host" | "partition";
      readonly host: number;
      readonly forMs: number;
    }
  | {
      /** The link to Redis loses what one side says. */
      readonly kind: "half-open";
      readonly of: Place;
      readonly loses: "answers" | "requests";
      readonly forMs: number;
    }
  | { readonly kind: "kill-ingress"; readonly ingress: number }
  | { readonly kind: "kill-redis" }
  | { readonly kind: "freeze-redis" | "fill-redis"; readonly forMs: number };

export type Place = { readonly host: number } | { readonly ingress: number };

export interface PlannedFault {
  /** From the beginning of the load. Faults of one place come one after the other, those of others beside it. */
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
  /** Faults of these kinds only. */
  readonly only?: readonly FaultKind[];
}

export type FaultKind = (typeof KINDS)[number];

/** Each as often as it stands here. */
const KINDS = [
  "kill-worker",
  "kill-worker",
  "freeze-worker",
  "kill-warden",
  "kill-pair",
  "freeze-host",
  "lose-host",
  "partition",
  "partition",
  "half-open",
  "half-open",
  "restart-host",
  "kill-agent",
  "freeze-agent",
  "kill-ingress",
  "kill-redis",
  "freeze-redis",
  "fill-redis",
] as const;

export function isFaultKind(text: string): text is FaultKind {
  return (KINDS as readonly string[]).includes(text);
}

/** The whole campaign up front: the same numbers from `random` make the same plan. */
export function makePlan(options: PlanOptions, random: () => number): PlannedFault[] {
  let atMs = options.everyMs;
  return Array.from({ length: options.faults }, () => {
    const planned = { atMs: Math.round(atMs), fault: makeFault(options, random) };
    atMs += options.everyMs * (0.5 + random());
    return planned;
  });
}

/** Where it acts: `host 1`, `ingress 0`, `redis`. */
export function placeOf(fault: Fault): string {
  const place = fault.kind === "half-open" ? fault.of : fault;
  if ("host" in place) {
    return `host ${place.host}`;
  }
  return "ingress" in place ? `ingress ${place.ingress}` : "redis";
}

function makeFault(options: PlanOptions, random: () => number): Fault {
  const below = (bound: number) => Math.floor(random() * bound);
  const kinds = KINDS.filter((kind) => options.only?.includes(kind) ?? true);
  const kind = kinds[below(kinds.length)] as FaultKind;
  // From a tenth of the leases' life to twice as long.
  const forMs = Math.round(options.leaseTtlMs * (0.1 + 1.9 * random()));
  switch (kind) {
    case "kill-ingress":
      return { kind, ingress: below(options.ingresses) };
    case "kill-redis":
      return { kind };
    case "freeze-redis":
    case "fill-redis":
      return { kind, forMs };
    case "half-open": {
      const place = below(options.hosts + options.ingresses);
      const of = place < options.hosts ? { host: place } : { ingress: place - options.hosts };
      return { kind, of, loses: random() < 0.5 ? "answers" : "requests", forMs };
    }
    case "freeze-worker":
    case "freeze-agent":
    case "freeze-host":
    case "lose-host":
    case "partition":
      return { kind, host: below(options.hosts), forMs };
    default:
      return { kind, host: below(options.hosts) };
  }
}
