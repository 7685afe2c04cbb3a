import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { openSystem, type TestSystem } from "./open-system.ts";

const CHANNELS = 50;
const PROMPTS = 20;

let system: TestSystem | undefined;
let ledgers: string | undefined;
afterEach(async () => {
  await system?.stop();
  if (ledgers !== undefined) {
    rmSync(ledgers, { recursive: true, force: true });
  }
});

it("answers 50 channels with 20 prompts each once, in order, one at a time, each on one worker", async () => {
  ledgers = mkdtempSync(join(tmpdir(), "pilotlight-ledger-"));
  system = await openSystem({
    args: ["--workers", "2"],
    config: `
[workers]
max_sessions = 30
[agents.demo]
set = { DEMO_CHUNK_MS = "0", DEMO_LEDGER_DIR = "${ledgers}" }
`,
  });
  const { post, finished } = system;
  const channels = Array.from({ length: CHANNELS }, (_, i) => `channel-${i}`);
  const accepted = await Promise.all(
    channels.map(async (channel) => {
      const ids: string[] = [];
      for (let i = 0; i < PROMPTS; i += 1) {
        // The agent holds a lock per channel for the turn, and writes one line per turn: oracles outside of us.
        const text = `[[exclusive ${channel}]] [[ledger ${channel} ${i}]] ${i}`;
        const response = await post(channel, text);
        expect(response.status).toBe(202);
        ids.push(((await response.json()) as { id: string }).id);
      }
      return ids;
    }),
  );
  for (const ids of accepted) {
    const prompts = await Promise.all(ids.map(finished));
    expect(prompts.map((prompt) => prompt.state)).toEqual(ids.map(() => "completed"));
    expect(new Set(prompts.map((prompt) => prompt.attempts[0]?.worker)).size).toBe(1);
    expect(prompts.every((prompt) => prompt.attempts.length === 1)).toBe(true);
  }
  expect(readdirSync(ledgers)).toHaveLength(CHANNELS);
  for (const file of readdirSync(ledgers)) {
    const lines = readFileSync(join(ledgers, file), "utf8").trim().split("\n");
    expect(lines.map((line) => Number(JSON.parse(line).id))).toEqual(
      Array.from({ length: PROMPTS }, (_, i) => i),
    );
  }
}, 120_000);
