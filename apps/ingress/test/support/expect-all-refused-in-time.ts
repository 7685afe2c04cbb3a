import { expect } from "vitest";
import type { RunningIngress } from "./start-ingress.ts";

const PROMPT = { prompt: "x" };
const ID = "p_00000000000000000000000000";

/** Every route that asks the store, each way it can be asked. */
const calls = (
  ingress: RunningIngress,
): readonly (readonly [string, () => Promise<Response>])[] => [
  ["enqueue", () => ingress.post("/v1/channels/a/prompts", PROMPT)],
  ["enqueue and wait", () => ingress.post("/v1/channels/b/prompts", PROMPT, { prefer: "wait=60" })],
  [
    "enqueue and stream",
    () => ingress.post("/v1/channels/c/prompts", PROMPT, { accept: "text/event-stream" }),
  ],
  ["webhook", () => ingress.post("/webhook/session/d", PROMPT)],
  ["list", () => ingress.fetch("/v1/prompts")],
  ["show", () => ingress.fetch(`/v1/prompts/${ID}`)],
  ["prompt events", () => ingress.fetch(`/v1/prompts/${ID}/events`)],
  ["channel events", () => ingress.fetch("/v1/channels/e/events")],
  ["warm", () => ingress.post("/v1/channels/f/warm", {})],
  ["sessions", () => ingress.fetch("/v1/sessions")],
  ["session", () => ingress.fetch("/v1/sessions?channel=g")],
  ["workers", () => ingress.fetch("/v1/workers")],
  ["readiness", () => ingress.fetch("/readyz")],
];

/** Each is answered 503 within the five seconds that callers are promised, and says nothing of what is behind it. */
export async function expectAllRefusedInTime(ingress: RunningIngress): Promise<void> {
  await Promise.all(
    calls(ingress).map(async ([name, call]) => {
      const startedAtMs = performance.now();
      const response = await call();
      const body = (await response.json()) as Record<string, unknown>;
      expect({ name, status: response.status, code: body.code }).toEqual({
        name,
        status: 503,
        code: "store_unavailable",
      });
      expect(response.headers.get("retry-after")).not.toBeNull();
      expect(JSON.stringify(body)).not.toMatch(/redis|ECONN|socket|\.sock/i);
      // The bound that callers are promised, not a measure of speed.
      expect(performance.now() - startedAtMs).toBeLessThan(5000);
    }),
  );
}
