import type { Product } from "../arms/product.ts";
import { inParallel } from "../harness/in-parallel.ts";
import { streamPrompt } from "../harness/stream-prompt.ts";
import { waitUntil } from "../harness/wait-until.ts";

const IN_FLIGHT = 16;
const COLD_MS = 120_000;

/** Sends one prompt to each channel; whatever was not answered exactly once is a violation. */
export async function useOnce(product: Product, channels: readonly string[]): Promise<string[]> {
  const violations: string[] = [];
  await inParallel(channels, IN_FLIGHT, async (channel) => {
    const answer = await streamPrompt(product.target(channel), "hello");
    if (answer.text !== "#1") {
      violations.push(
        `${product.name}: the only prompt of ${channel} was answered "${answer.text}"`,
      );
    }
  });
  return violations;
}

/** Resolves when no channel has a session any more. */
export async function waitUntilCold(product: Product): Promise<void> {
  const noSessions = async () => (await listOf(product, "/v1/sessions")).length === 0;
  await waitUntil("channels go cold", noSessions, COLD_MS);
}

/** The `items` of a listing. */
export async function listOf(product: Product, path: string): Promise<{ id: string }[]> {
  const response = await product.system.fetch(path);
  if (!response.ok) {
    throw new Error(`${path}: ${response.status} ${await response.text()}`);
  }
  return ((await response.json()) as { items: { id: string }[] }).items;
}
