import {
  type EnqueueRequest,
  type EnqueueResponse,
  enqueueResponseSchema,
  isFinalEventType,
  type Prompt,
  promptSchema,
  type SessionView,
  sessionViewSchema,
  type WorkerView,
  workerViewSchema,
} from "@pilotlight/contracts";
import { z } from "zod";
import { type ApiAddress, type ApiCall, callApi } from "./call-api.ts";
import { readStream, type StreamOptions } from "./read-stream.ts";
import type { StreamedEvent } from "./streamed-event.ts";

export interface EnqueueOptions extends EnqueueRequest {
  readonly idempotencyKey?: string;
}

export interface PromptQuery {
  readonly channel?: string;
  readonly state?: string;
  readonly cursor?: string;
  readonly limit?: number;
}

export interface PromptPage {
  readonly items: readonly Prompt[];
  readonly nextCursor?: string | undefined;
}

/** The HTTP API, typed. Every call fails with an `ApiError`; all but streams have a deadline of 15 s. */
export interface PilotlightClient {
  enqueue(channel: string, options: EnqueueOptions): Promise<EnqueueResponse>;
  getPrompt(id: string): Promise<Prompt>;
  listPrompts(query: PromptQuery): Promise<PromptPage>;
  listSessions(): Promise<readonly SessionView[]>;
  listWorkers(): Promise<readonly WorkerView[]>;
  warm(channel: string): Promise<void>;
  cool(channel: string): Promise<void>;
  /** The prompt's events from its acceptance to its end. */
  streamPrompt(id: string, options?: StreamOptions): AsyncGenerator<StreamedEvent, void, void>;
  /** The channel's events, until the signal aborts. */
  streamChannel(
    channel: string,
    options?: StreamOptions,
  ): AsyncGenerator<StreamedEvent, void, void>;
}

const CALL_TIMEOUT_MS = 15_000;

const pageSchema = z.object({ items: z.array(promptSchema), nextCursor: z.string().optional() });
const sessionsSchema = z.object({ items: z.array(sessionViewSchema) });
const workersSchema = z.object({ items: z.array(workerViewSchema) });

export function createClient(address: ApiAddress): PilotlightClient {
  async function call<T>(path: string, schema: z.ZodType<T>, options: ApiCall = {}): Promise<T> {
    const signal = AbortSignal.timeout(CALL_TIMEOUT_MS);
    const response = await callApi(address, path, { ...options, signal });
    return schema.parse(await response.json());
  }

  const channelPath = (channel: string) => `/v1/channels/${encodeURIComponent(channel)}`;
  const intend = async (channel: string, intent: "warm" | "cool") => {
    await call(`${channelPath(channel)}/${intent}`, z.unknown(), { method: "POST" });
  };

  return {
    enqueue(channel, { idempotencyKey, ...body }) {
      return call(`${channelPath(channel)}/prompts`, enqueueResponseSchema, {
        method: "POST",
        body,
        headers: idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey },
      });
    },
    getPrompt: (id) => call(`/v1/prompts/${id}`, promptSchema),
    listPrompts(query) {
      const search = new URLSearchParams();
      for (const [name, value] of Object.entries(query)) {
        if (value !== undefined) {
          search.set(name, String(value));
        }
      }
      return call(`/v1/prompts?${search}`, pageSchema);
    },
    listSessions: async () => (await call("/v1/sessions", sessionsSchema)).items,
    listWorkers: async () => (await call("/v1/workers", workersSchema)).items,
    warm: (channel) => intend(channel, "warm"),
    cool: (channel) => intend(channel, "cool"),
    streamPrompt: (id, options = {}) =>
      readStream(address, `/v1/prompts/${id}/events`, options, (event) =>
        isFinalEventType(event.type),
      ),
    streamChannel: (channel, options = {}) =>
      readStream(address, `${channelPath(channel)}/events`, options, () => false),
  };
}
