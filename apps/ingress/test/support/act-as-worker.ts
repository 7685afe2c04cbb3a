import {
  LeaseLostError,
  type OwnedChannel,
  openWorkerStore,
  type TakenQuestion,
} from "@pilotlight/channels";
import { createLogger } from "@pilotlight/lifecycle";
import { waitUntil } from "@pilotlight/testkit";

/** What a test does within a turn. */
export interface Turn {
  readonly promptId: string;
  readonly prompt: string;
  /** Appends a piece of the answer to the channel's events. */
  say(text: string): Promise<void>;
  /** Asks people, and waits until nobody can answer any more; gives what they said. */
  ask(question: AskedQuestion, askMs?: number): Promise<TakenQuestion>;
}

type AskedQuestion = Parameters<OwnedChannel["questions"]["ask"]>[0]["question"];

export interface ActingWorker {
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = 20;
const KEPT_TEXT_CHARS = 2000;

/** A worker without an agent: `play` is the turn, and what it said is the answer. A turn that throws fails. */
export async function actAsWorker(
  redisUrl: string,
  play: (turn: Turn) => Promise<void> = (turn) => turn.say(`echo: ${turn.prompt}`),
): Promise<ActingWorker> {
  const store = await openWorkerStore({
    url: redisUrl,
    worker: "acting",
    leaseTtlMs: 15_000,
    description: { host: "test", pid: process.pid, maxSessions: 100, startedAt: Date.now() },
    eventsPerChannel: 100,
    retentionMs: 60_000,
    log: createLogger("worker", "silent"),
    onLost: () => undefined,
    onBell: () => look(),
    onAssignBell: () => look(),
    held: () => [],
    onDisowned: async () => undefined,
  });
  const owned = new Map<string, OwnedChannel>();
  const busy = new Map<string, Promise<void>>();
  let looking = Promise.resolve();
  let stopped = false;

  function look(): void {
    looking = looking.then(async () => {
      if (stopped) {
        return;
      }
      const outcome = await store.tick(100);
      if (outcome.at === "ok") {
        for (const channel of outcome.claimed) {
          owned.set(channel.channel, channel);
        }
        for (const name of [...outcome.woken, ...outcome.claimed.map((one) => one.channel)]) {
          const channel = owned.get(name);
          if (channel !== undefined && !busy.has(name)) {
            busy.set(
              name,
              work(channel, play)
                .catch(passOverLostLease)
                .finally(() => busy.delete(name)),
            );
          }
        }
      }
    });
  }

  await store.start();
  const timer = setInterval(look, LOOK_EVERY_MS);
  return {
    async stop() {
      stopped = true;
      clearInterval(timer);
      await looking;
      await store.stop();
    },
  };
}

/** A worker that was stopped has given its channels up in the middle of what it did. */
function passOverLostLease(error: unknown): void {
  if (!(error instanceof LeaseLostError)) {
    throw error;
  }
}

async function work(owned: OwnedChannel, play: (turn: Turn) => Promise<void>): Promise<void> {
  let promptId = await owned.fetch();
  while (promptId !== undefined) {
    promptId = await runTurn(owned, promptId, play);
  }
  await owned.settleIdle();
}

async function runTurn(
  owned: OwnedChannel,
  promptId: string,
  play: (turn: Turn) => Promise<void>,
): Promise<string | undefined> {
  const live = { state: "busy", fence: Number(owned.fence), agent: "demo" } as const;
  const dispatch = await owned.dispatch({
    promptId,
    session: { id: "s1", opened: "warm", agent: "demo" },
    guarded: true,
    live,
  });
  if (dispatch.at !== "dispatched") {
    return await owned.finish({ id: promptId, state: "completed", summary: "" }, true);
  }
  let text = "";
  const outcome = await play({
    promptId,
    prompt: dispatch.prompt,
    async say(piece) {
      text = (text + piece).slice(-KEPT_TEXT_CHARS);
      const update = {
        sessionUpdate: "agent_message_chunk",
        content: { type: "text", text: piece },
      };
      const data = JSON.stringify({ promptId, update });
      await owned.appendEvents([{ type: "update", promptId, data }]);
    },
    async ask(question, askMs = 60_000) {
      await owned.questions.ask({
        question,
        askMs,
        grantMs: 60_000,
        carry: false,
        grantsKnown: true,
        reason: "the agent asks",
        live: { ...live, state: "waiting" },
      });
      return await waitUntil("the question is closed", async () => {
        const taken = await owned.questions.take({
          promptId,
          ids: [question.id],
          grantMs: 60_000,
          live,
        });
        const one = taken.get(question.id);
        return one?.at === "pending" ? undefined : one;
      });
    },
  }).then(
    () => ({ state: "completed", result: { stopReason: "end_turn" } }) as const,
    (error: Error) =>
      ({ state: "failed", result: { error: { code: "played", message: error.message } } }) as const,
  );
  const { state, result } = outcome;
  const eventData = JSON.stringify({ promptId, state, ...result });
  await owned.settle({
    promptId,
    state,
    result,
    text,
    eventData,
    live: { ...live, state: "warm" },
  });
  return await owned.finish({ id: promptId, state, summary: text }, true);
}
