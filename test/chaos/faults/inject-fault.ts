import { setTimeout as sleep } from "node:timers/promises";
import type { HostFreeze, Orphans } from "../check/history.ts";
import type { Fault, Place } from "../plan/make-plan.ts";
import { favour } from "../system/favour.ts";
import { signal } from "../system/signal.ts";
import type { ChaosSystem } from "../system/start-system.ts";
import { fillRedis } from "./fill-redis.ts";
import { injectIntoHost } from "./inject-into-host.ts";

const REDIS_AWAY_MS = 500;

/** What only the one who does it can know. */
export interface Injected {
  readonly orphans?: Orphans;
  readonly freeze?: HostFreeze;
}

/**
 * Does it and waits until it is healed. What is not there at the moment (a host between two lives) is passed over.
 */
export async function injectFault(system: ChaosSystem, fault: Fault): Promise<Injected> {
  const { redis } = system;
  switch (fault.kind) {
    case "kill-ingress":
      signal(system.ingresses[fault.ingress]?.pid, "SIGKILL");
      return {};
    case "kill-redis":
      await redis.end("SIGKILL");
      await sleep(REDIS_AWAY_MS);
      await redis.startAgain();
      favour(redis.pid);
      return {};
    case "freeze-redis":
      redis.signal("SIGSTOP");
      await sleep(fault.forMs);
      redis.signal("SIGCONT");
      return {};
    case "fill-redis":
      await fillRedis(redis.url, fault.forMs);
      return {};
    case "half-open": {
      const link = linkOf(system, fault.of);
      link?.lose(fault.loses);
      await sleep(fault.forMs);
      link?.heal();
      return {};
    }
    default:
      return await injectIntoHost(system, fault);
  }
}

function linkOf({ hosts, ingresses }: ChaosSystem, place: Place) {
  return "host" in place ? hosts[place.host]?.link : ingresses[place.ingress]?.link;
}
