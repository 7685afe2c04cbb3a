import { setTimeout as sleep } from "node:timers/promises";
import {
  type EnqueueResponse,
  type Prompt,
  type PromptMode,
  promptSchema,
} from "@pilotlight/contracts";
import type { ChaosSystem } from "../system/start-system.ts";

const CALL_MS = 8000;
const PAUSE_MS = 100;

/** The API through whichever ingress answers: every call is made again until one does, or `mostMs` have passed. */
export interface ChaosApi {
  accept(channel: string, prompt: string, key: string, mode: PromptMode): Promise<EnqueueResponse>;
  read(id: string): Promise<Prompt>;
  /** Those that wait for somebody. */
  waiting(): Promise<readonly Prompt[]>;
  /** What is waiting shall go on. */
  decide(id: string): Promise<void>;
}

export function createApi(system: ChaosSystem, mostMs: number): ChaosApi {
  let next = 0;

  async function call(path: string, init: RequestInit = {}): Promise<Response> {
    const endsAtMs = performance.now() + mostMs;
    for (;;) {
      next += 1;
      const url = system.urls[next % system.urls.length] ?? "";
      try {
        const response = await fetch(new URL(path, url), {
          ...init,
          headers: { ...init.headers, authorization: `Bearer ${system.apiKey}` },
          signal: AbortSignal.timeout(CALL_MS),
        });
        // 408: it says of itself that nothing was accepted.
        if (response.status < 500 && response.status !== 408) {
          return response;
        }
        await response.body?.cancel();
      } catch {
        // No answer: it may have been accepted all the same, and the key makes that known.
      }
      if (performance.now() > endsAtMs) {
        throw new Error(`nobody answered ${path}`);
      }
      await sleep(PAUSE_MS);
    }
  }

  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    call(path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });

  return {
    async accept(channel, prompt, key, mode) {
      const response = await post(
        `/v1/channels/${channel}/prompts`,
        { prompt, mode },
        { "idempotency-key": key },
      );
      if (response.status !== 202) {
        throw new Error(`${key} was refused: ${response.status} ${await response.text()}`);
      }
      return (await response.json()) as EnqueueResponse;
    },
    async read(id) {
      return promptSchema.parse(await (await call(`/v1/prompts/${id}`)).json());
    },
    async waiting() {
      const page = (await (await call("/v1/prompts?state=waiting")).json()) as { items: Prompt[] };
      return page.items;
    },
    async decide(id) {
      await (await post(`/v1/prompts/${id}/decision`, { decision: "continue" })).body?.cancel();
    },
  };
}
