import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type CallbackSender, type Delivery, retryDelayMs } from "@pilotlight/callbacks";
import type { CallbackOutbox, ClaimedCallback, FinishedCallback } from "@pilotlight/channels";
import { type Logger, monotonicMs } from "@pilotlight/lifecycle";
import { createEndpointPlaces } from "./endpoint-places.ts";

export interface DeliverCallbacksOptions {
  readonly outbox: CallbackOutbox;
  readonly sender: CallbackSender;
  /** What the sender takes at most for one try. */
  readonly deadlineMs: number;
  /** The pause after the first failure. */
  readonly retryMs: number;
  readonly giveUpMs: number;
  readonly log: Logger;
}

/** Empties the outbox, beside all others that do. */
export interface CallbackDeliverer {
  /** Takes nothing new, and resolves when what is under way has ended, or at the latest in a few seconds. */
  drain(): Promise<void>;
  /** What is under way ends now, and is free for others. */
  stop(): Promise<void>;
}

/** Under way at one time. */
const MOST_UNDER_WAY = 128;
/** What is due without a bell that was heard is found after this; what failed is known to the millisecond. */
const LOOK_EVERY_MS = 10_000;
const LOOK_AGAIN_MS = 1000;
/**
 * A claim outlives the try by this much: half of it is for Redis' answer to reach us, the other half for ours to reach
 * Redis. What comes later than that is left to the next taker.
 */
const CLAIM_SLACK_MS = 5000;
const DRAIN_MS = 4000;
const STOP_MS = 1000;
const REPEAT_AFTER_MS = 100;

export function deliverCallbacks(options: DeliverCallbacksOptions): CallbackDeliverer {
  const { outbox, sender, deadlineMs, log } = options;
  const name = randomUUID();
  const stopping = new AbortController();
  const places = createEndpointPlaces();
  const underWay = new Set<Promise<void>>();
  let claims = 0;
  let isDraining = false;
  let looking: Promise<void> | undefined;
  let isRungMeanwhile = false;
  let timer: NodeJS.Timeout | undefined;

  /** One look at a time; whatever rings meanwhile is one more. */
  function look(): void {
    isRungMeanwhile = true;
    looking ??= lookAround().finally(() => {
      looking = undefined;
      // Rung after the last look had ended, and before this.
      if (isRungMeanwhile && hasRoom()) {
        look();
      }
    });
  }

  const hasRoom = () => !isDraining && underWay.size < MOST_UNDER_WAY;

  async function lookAround(): Promise<void> {
    clearTimeout(timer);
    let nextMs = LOOK_EVERY_MS;
    while (isRungMeanwhile && hasRoom()) {
      isRungMeanwhile = false;
      nextMs = await take().catch((error: unknown) => {
        log.debug({ err: error }, "callbacks could not be taken");
        return LOOK_AGAIN_MS;
      });
    }
    clearTimeout(timer);
    if (!isDraining) {
      timer = setTimeout(look, nextMs);
    }
  }

  /** How long there is nothing to take. */
  async function take(): Promise<number> {
    const askedAtMs = monotonicMs();
    claims += 1;
    const { claimed, nextInMs = LOOK_EVERY_MS } = await outbox.claim({
      name: `${name}.${claims}`,
      most: MOST_UNDER_WAY - underWay.size,
      mostOfEndpoint: places.most,
      places: places.left(),
      claimMs: deadlineMs + CLAIM_SLACK_MS,
      giveUpMs: options.giveUpMs,
    });
    for (const callback of claimed) {
      const ended = deliver(callback, askedAtMs).finally(() => {
        underWay.delete(ended);
        look();
      });
      underWay.add(ended);
    }
    return Math.min(LOOK_EVERY_MS, nextInMs);
  }

  async function deliver(callback: ClaimedCallback, askedAtMs: number): Promise<void> {
    const { promptId, number, endpoint } = callback;
    const isLate = monotonicMs() - askedAtMs > CLAIM_SLACK_MS / 2;
    if (isLate || stopping.signal.aborted) {
      await finish(callback, { at: "released" }, askedAtMs);
      return;
    }
    const delivery = await places.occupy(endpoint, () =>
      sender.send({ ...callback, id: `${promptId}_${number}` }, stopping.signal),
    );
    const outcome = outcomeOf(delivery, callback);
    if (outcome.at === "failed" || outcome.at === "ended") {
      log.warn({ promptId, number, ...outcome.failure }, "a callback was given up");
    } else if (outcome.at === "again") {
      log.debug({ promptId, number, ...outcome.failure }, "a callback was not delivered");
    }
    await finish(callback, outcome, askedAtMs);
  }

  function outcomeOf(delivery: Delivery, callback: ClaimedCallback): FinishedCallback {
    if (delivery.at === "delivered") {
      return delivery;
    }
    if (stopping.signal.aborted && delivery.code === "timed_out") {
      // Cut off by us; whoever got it sees it again under the same id.
      return { at: "released" };
    }
    const { code, status, retry, retryAfterMs } = delivery;
    const failure = { code, ...(status === undefined ? {} : { status }), at: Date.now() };
    if (retry !== "again") {
      return { at: retry === "all" ? "ended" : "failed", failure };
    }
    const pace = { firstMs: options.retryMs, chance: Math.random() };
    return {
      at: "again",
      failure,
      inMs: retryDelayMs(callback.failures + 1, pace, retryAfterMs),
    };
  }

  /** Repeated while the claim lasts: what cannot be written down is sent again. */
  async function finish(
    callback: ClaimedCallback,
    outcome: FinishedCallback,
    askedAtMs: number,
  ): Promise<void> {
    const untilMs = askedAtMs + deadlineMs + CLAIM_SLACK_MS;
    for (;;) {
      try {
        await outbox.finish(callback, outcome);
        return;
      } catch (error) {
        if (stopping.signal.aborted || monotonicMs() > untilMs) {
          log.debug({ err: error }, "what came of a callback could not be written down");
          return;
        }
        await sleep(REPEAT_AFTER_MS);
      }
    }
  }

  outbox
    .onBell(look)
    .catch((error: unknown) => log.debug({ err: error }, "no bell is heard for callbacks"));
  look();

  return {
    async drain() {
      isDraining = true;
      clearTimeout(timer);
      const ended = Promise.resolve(looking).then(() => Promise.all(underWay));
      await Promise.race([ended, sleep(DRAIN_MS, undefined, { ref: false })]);
    },
    async stop() {
      isDraining = true;
      clearTimeout(timer);
      stopping.abort();
      const ended = Promise.all([looking, ...underWay]);
      await Promise.race([ended, sleep(STOP_MS, undefined, { ref: false })]);
    },
  };
}
