import {
  type LiveSession,
  type OwnedChannel,
  openChannelsClient,
  openWorkerStore,
} from "@pilotlight/channels";
import {
  newPromptId,
  newQuestionId,
  type ScheduleRequest,
  scheduleRequestSchema,
} from "@pilotlight/contracts";
import { createLogger } from "@pilotlight/lifecycle";

/** A worker without agents: it owns channels and writes turns as a real one does, step by step as the test says. */
export interface TestWorker {
  readonly id: string;
  enqueue(channel: string, prompt: string): Promise<string>;
  /** Claims what waits for an owner. */
  claim(): Promise<readonly OwnedChannel[]>;
  showSession(owned: OwnedChannel, state: LiveSession["state"]): Promise<void>;
  /** Starts the channel's next prompt; its id. */
  begin(owned: OwnedChannel): Promise<string>;
  finish(
    owned: OwnedChannel,
    promptId: string,
    state: "completed" | "failed" | "cancelled" | "interrupted",
    text: string,
  ): Promise<void>;
  /** Its agent failed for the last time: the channel is let go, and rests for ten minutes. */
  rest(owned: OwnedChannel, detail: string): Promise<void>;
  /** The running prompt waits for a decision, and with it its channel, which is let go. */
  hold(owned: OwnedChannel, promptId: string, reason: string): Promise<void>;
  /** The running prompt's agent asks for leave; the question's id. */
  ask(owned: OwnedChannel, promptId: string, title: string): Promise<string>;
  schedule(id: string, definition: ScheduleRequest): Promise<void>;
  pause(id: string): Promise<void>;
  stop(): Promise<void>;
}

const log = createLogger("test", "silent");
const retentionMs = 3_600_000;
const eventsPerChannel = 1000;
const REST_MS = 600_000;

export async function startTestWorker(url: string, id: string): Promise<TestWorker> {
  const client = await openChannelsClient({
    url,
    name: "test",
    limits: { queuePerChannel: 1000, queueTotal: 100_000, eventsPerChannel, retentionMs },
    log,
  });
  const store = await openWorkerStore({
    url,
    worker: id,
    leaseTtlMs: 300_000,
    description: { host: "test", pid: 1, maxSessions: 2000, startedAt: Date.now() },
    eventsPerChannel,
    retentionMs,
    log,
    onLost: () => undefined,
    onBell: () => undefined,
    onAssignBell: () => undefined,
    held: () => [],
    onDisowned: async () => undefined,
  });
  await store.start();
  await store.showWorker({
    state: "running",
    rssBytes: 50_000_000,
    sessionRssBytes: {},
    standby: { ready: 2, adopted: 5, missed: 1, rejectedRequests: 0 },
  });

  function live(owned: OwnedChannel, state: LiveSession["state"], promptId?: string): LiveSession {
    return {
      state,
      fence: Number(owned.fence),
      agent: "demo",
      pid: 4242,
      sessionId: `s-${owned.channel}`,
      ...(state === "warm" ? { idleSince: Date.now() } : {}),
      ...(promptId === undefined ? {} : { promptId }),
    };
  }

  return {
    id,

    async enqueue(channel, prompt) {
      const promptId = newPromptId();
      await client.enqueue({ id: promptId, channel, prompt, surface: "cli", bodyHash: promptId });
      return promptId;
    },

    async claim() {
      const outcome = await store.tick(2000);
      return outcome.at === "ok" ? outcome.claimed : [];
    },

    showSession: (owned, state) => owned.showLive(live(owned, state)),

    async begin(owned) {
      const promptId = (await owned.fetch()) ?? "";
      await owned.dispatch({
        promptId,
        session: { id: `s-${owned.channel}`, opened: "warm", agent: "demo" },
        guarded: true,
        live: live(owned, "busy", promptId),
      });
      return promptId;
    },

    async finish(owned, promptId, state, text) {
      const error = { code: "AGENT_FAILED", message: text, stderr: `stderr: ${text}` };
      await owned.settle({
        promptId,
        state,
        result: state === "failed" ? { error } : { stopReason: "end_turn" },
        text,
        eventData: JSON.stringify({ promptId, state, text }),
        live: live(owned, "warm"),
      });
      await owned.finish({ id: promptId, state, summary: text }, false);
    },

    async rest(owned, detail) {
      const rest = { most: 1, withinMs: 60_000, firstRestMs: REST_MS, longestRestMs: REST_MS };
      await owned.noteFailure({ detail, ...rest });
      await owned.release();
    },

    async hold(owned, promptId, reason) {
      await owned.recover({ promptId, fence: owned.fence, action: "ask", reason });
      await owned.putBack();
      await owned.release();
    },

    async ask(owned, promptId, title) {
      const questionId = newQuestionId();
      await owned.questions.ask({
        question: {
          type: "permission",
          id: questionId,
          channel: owned.channel,
          promptId,
          agent: "demo",
          hash: "hash",
          toolCall: { toolCallId: "t", kind: "execute", title, command: title, paths: [] },
          options: [{ optionId: "yes", name: "Yes", kind: "allow_once" }],
        },
        askMs: REST_MS,
        grantMs: REST_MS,
        carry: false,
        grantsKnown: true,
        reason: "the agent asks",
        live: live(owned, "waiting", promptId),
      });
      return questionId;
    },
    async schedule(id, definition) {
      await client.schedules.put(id, scheduleRequestSchema.parse(definition), { at: "any" });
    },

    async pause(id) {
      await client.schedules.pause(id);
    },

    async stop() {
      await store.stop();
      await client.close();
    },
  };
}
