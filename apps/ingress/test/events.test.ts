import { connectRedis, type EmbeddedRedis, type Redis, whenReady } from "@pilotlight/redis";
import { startTestServer, waitUntil } from "@pilotlight/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ActingWorker, actAsWorker, type Turn } from "./support/act-as-worker.ts";
import { collectEvents, piecesOf, typesOf } from "./support/collect-events.ts";
import { type RunningIngress, startIngress } from "./support/start-ingress.ts";

let server: EmbeddedRedis;
let redis: Redis;
let ingress: RunningIngress;
let worker: ActingWorker;
let play: (turn: Turn) => Promise<void>;
beforeAll(async () => {
  server = await startTestServer();
  redis = connectRedis({ url: server.url, name: "test" });
  await whenReady(redis, 5000);
  ingress = await startIngress(server.url);
  worker = await actAsWorker(server.url, (turn) => play(turn));
});
beforeEach(() => {
  play = (turn) => turn.say(`echo: ${turn.prompt}`);
});
const aborts: AbortController[] = [];
afterEach(() => {
  for (const abort of aborts.splice(0)) {
    abort.abort();
  }
});
afterAll(async () => {
  await worker.stop();
  await ingress.service.stop();
  redis.disconnect();
  await server.stop();
});

async function enqueue(channel: string, prompt = "x"): Promise<string> {
  const response = await ingress.post(`/v1/channels/${channel}/prompts`, { prompt });
  return ((await response.json()) as { id: string }).id;
}

async function finish(channel: string, prompt = "x"): Promise<string> {
  const response = await ingress.post(
    `/v1/channels/${channel}/prompts`,
    { prompt },
    { prefer: "wait=20" },
  );
  return ((await response.json()) as { id: string }).id;
}

/** Opens a stream that ends with the test. */
function open(path: string, lastEventId?: string): Promise<Response> {
  const abort = new AbortController();
  aborts.push(abort);
  return ingress.fetch(path, {
    signal: abort.signal,
    headers: lastEventId === undefined ? {} : { "last-event-id": lastEventId },
  });
}

const saying = (count: number) => async (turn: Turn) => {
  for (let i = 1; i <= count; i += 1) {
    await turn.say(`${turn.prompt}${i}`);
  }
};

describe("a prompt's events", () => {
  it("are told from the first one, also after its end", async () => {
    play = saying(3);
    const id = await finish("whole", "w");
    const response = await open(`/v1/prompts/${id}/events`);
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const events = await collectEvents(response);
    expect(typesOf(events)).toEqual([
      "accepted",
      "started",
      "update",
      "update",
      "update",
      "completed",
    ]);
  });

  it("go on after Last-Event-ID without gap or repetition, wherever the client was cut off", async () => {
    play = saying(5);
    const id = await finish("resume", "r");
    const all = await collectEvents(await open(`/v1/prompts/${id}/events`));
    for (const [index, event] of all.entries()) {
      const response = await open(`/v1/prompts/${id}/events`, event.id);
      if (index === all.length - 1) {
        // Nothing is left to tell: an EventSource stops coming back on this.
        expect(response.status).toBe(204);
      } else {
        const rest = await collectEvents(response);
        expect(rest.map((one) => one.id)).toEqual(all.slice(index + 1).map((one) => one.id));
      }
    }
  });

  it("reach who comes while the turn runs: what was, then what comes", async () => {
    const goOn = Promise.withResolvers<void>();
    const said = Promise.withResolvers<void>();
    play = async (turn) => {
      await turn.say("before");
      said.resolve();
      await goOn.promise;
      await turn.say("after");
    };
    const id = await enqueue("midway");
    await said.promise;
    const response = await open(`/v1/prompts/${id}/events`);
    const reading = collectEvents(response, (event) => {
      if (event.type === "update") {
        goOn.resolve();
      }
      return false;
    });
    expect(piecesOf(await reading)).toEqual(["before", "after"]);
  });

  it("leave out the channel's other prompts", async () => {
    play = saying(2);
    const first = await finish("several", "a");
    const second = await finish("several", "b");
    expect(piecesOf(await collectEvents(await open(`/v1/prompts/${first}/events`)))).toEqual([
      "a1",
      "a2",
    ]);
    expect(piecesOf(await collectEvents(await open(`/v1/prompts/${second}/events`)))).toEqual([
      "b1",
      "b2",
    ]);
  });

  it("begin with a gap where the log was trimmed, and end with the record's answer", async () => {
    play = saying(3);
    const id = await finish("trimmed", "t");
    await redis.del("{pl}:ev:trimmed");
    const events = await collectEvents(await open(`/v1/prompts/${id}/events`));
    expect(typesOf(events)).toEqual(["gap", "completed"]);
    expect(events.at(-1)?.data).toMatchObject({ promptId: id, text: "t1t2t3", state: "completed" });
  });
});

describe("a channel's events", () => {
  it("are those from now on, of all its prompts", async () => {
    await finish("live", "old");
    const response = await open("/v1/channels/live/events");
    play = saying(1);
    const reading = collectEvents(response, (event) => event.type === "completed");
    await finish("live", "new");
    const events = await reading;
    expect(piecesOf(events)).toEqual(["new1"]);
    expect(typesOf(events)[0]).toBe("accepted");
  });

  it("go on after Last-Event-ID over a broken connection", async () => {
    play = saying(1);
    const first = await open("/v1/channels/broken/events");
    const reading = collectEvents(first, (event) => event.type === "completed");
    await finish("broken", "a");
    const seen = await reading;
    await finish("broken", "b");
    const second = await open("/v1/channels/broken/events", seen.at(-1)?.id);
    const rest = await collectEvents(second, (event) => event.type === "completed");
    expect(piecesOf([...seen, ...rest])).toEqual(["a1", "b1"]);
  });

  it("begin with a place to come back to, before anything was heard", async () => {
    await finish("unheard", "old");
    const abort = new AbortController();
    const response = await ingress.fetch("/v1/channels/unheard/events", { signal: abort.signal });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const { value = "" } = (await reader?.read()) ?? {};
    abort.abort();
    await reader?.cancel().catch(() => undefined);
    await finish("unheard", "missed");
    const again = await open("/v1/channels/unheard/events", /^id: (\S+)$/m.exec(value)?.[1]);
    const events = await collectEvents(again, (event) => event.type === "completed");
    expect(piecesOf(events)).toEqual(["echo: missed"]);
  });

  it("say where the log no longer reaches back to Last-Event-ID", async () => {
    play = saying(150);
    const id = await finish("long", "l");
    const record = (await (await ingress.fetch(`/v1/prompts/${id}`)).json()) as { text: string };
    await redis.xtrim("{pl}:ev:long", "MAXLEN", 10);
    const response = await open("/v1/channels/long/events", "1-0");
    const events = await collectEvents(response, (event) => event.type === "completed");
    expect(events[0]?.type).toBe("gap");
    expect(events[0]?.data).toMatchObject({ afterId: "1-0" });
    expect(record.text.endsWith(piecesOf(events).join(""))).toBe(true);
  });
});

describe("a client that reads slowly", () => {
  it("hears of every piece in order, and of a gap where the log did not wait for it", async () => {
    const padding = "x".repeat(20_000);
    play = async (turn) => {
      // More than the kernel's buffers take for a client that reads nothing.
      for (let i = 0; i < 1000; i += 1) {
        await turn.say(`${i}:${padding}`);
      }
    };
    const response = await ingress.post(
      "/v1/channels/slow/prompts",
      { prompt: "flood" },
      { accept: "text/event-stream" },
    );
    await waitUntil("the turn is over", async () => {
      const { items } = (await (await ingress.fetch("/v1/prompts?channel=slow")).json()) as {
        items: { state: string }[];
      };
      return items[0]?.state === "completed";
    });
    const events = await collectEvents(response);
    const numbers = piecesOf(events).map((piece) => Number(piece.split(":")[0]));
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers.length).toBeLessThan(1000);
    expect(typesOf(events).filter((type) => type !== "update")).toEqual([
      "accepted",
      "started",
      "gap",
      "completed",
    ]);
  });
});
