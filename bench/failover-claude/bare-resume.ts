import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withDeadline } from "@pilotlight/lifecycle";
import { type BareSession, openBareSession } from "../arms/acp-session.ts";

/** A conversation that is held by nothing but the SDK and the agent. */
export interface BareConversation {
  /** A new process, the conversation resumed in it, and one more prompt: to the first piece of its answer (ms). */
  resume(prompt: string): Promise<number>;
  remove(): void;
}

const TURN_MS = 60_000;

/** Starts it with one prompt; its process is gone when this resolves. */
export async function beginBareConversation(
  command: readonly string[],
  agentEnv: Readonly<Record<string, string>>,
  firstPrompt: string,
): Promise<BareConversation> {
  const dir = mkdtempSync(join(tmpdir(), "bench-bare-"));
  const [cwd, home] = [join(dir, "workspace"), join(dir, "home")];
  mkdirSync(cwd);
  mkdirSync(home);
  const env = { PATH: process.env.PATH, HOME: home, CLAUDE_CONFIG_DIR: home, ...agentEnv };
  const opening = { cwd, env, quiet: true };

  async function turn(session: BareSession, prompt: string): Promise<number> {
    let firstAtMs = Number.NaN;
    const ended = session.prompt(prompt, (update) => {
      if (update.sessionUpdate === "agent_message_chunk" && Number.isNaN(firstAtMs)) {
        firstAtMs = performance.now();
      }
    });
    await withDeadline(ended, TURN_MS, () => new Error(`no end of a turn in ${TURN_MS} ms`));
    await session.close();
    return firstAtMs;
  }

  const first = await openBareSession(command, opening);
  await turn(first, firstPrompt);
  return {
    async resume(prompt) {
      const startedMs = performance.now();
      const session = await openBareSession(command, { ...opening, resume: first.sessionId });
      return (await turn(session, prompt)) - startedMs;
    },
    remove: () => rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  };
}
