import type { Delivery } from "@pilotlight/callbacks";

/** How many callbacks may be under way to one endpoint: few to each, and one where it fails, so that none uses them all. */
export interface EndpointPlaces {
  /** To an endpoint of which nothing is known. */
  readonly most: number;
  /** What is left of those of which fewer may be taken. */
  left(): ReadonlyMap<string, number>;
  occupy(endpoint: string, send: () => Promise<Delivery>): Promise<Delivery>;
}

const MOST = 4;
/** So many failures in a row, and it gets one place. */
const FAILING_AFTER = 3;
/** What is forgotten first is what was heard of least lately. */
const MOST_REMEMBERED = 1000;

export function createEndpointPlaces(): EndpointPlaces {
  const taken = new Map<string, number>();
  const failures = new Map<string, number>();

  const mostOf = (endpoint: string) => ((failures.get(endpoint) ?? 0) >= FAILING_AFTER ? 1 : MOST);

  function note(endpoint: string, delivery: Delivery): void {
    const before = failures.get(endpoint) ?? 0;
    failures.delete(endpoint);
    if (delivery.at === "failed") {
      failures.set(endpoint, before + 1);
    }
    const [oldest] = failures.keys();
    if (failures.size > MOST_REMEMBERED && oldest !== undefined) {
      failures.delete(oldest);
    }
  }

  return {
    most: MOST,
    left() {
      const endpoints = new Set([...taken.keys(), ...failures.keys()]);
      const left = [...endpoints].map(
        (one) => [one, Math.max(0, mostOf(one) - (taken.get(one) ?? 0))] as const,
      );
      return new Map(left.filter(([, places]) => places < MOST));
    },
    async occupy(endpoint, send) {
      taken.set(endpoint, (taken.get(endpoint) ?? 0) + 1);
      try {
        const delivery = await send();
        note(endpoint, delivery);
        return delivery;
      } finally {
        const rest = (taken.get(endpoint) ?? 1) - 1;
        if (rest === 0) {
          taken.delete(endpoint);
        } else {
          taken.set(endpoint, rest);
        }
      }
    },
  };
}
