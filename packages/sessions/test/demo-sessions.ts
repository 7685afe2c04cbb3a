import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { SessionUpdate } from "@agentclientprotocol/sdk";
import { killTree } from "@pilotlight/agents";
import { type AgentConfig, loadConfig } from "@pilotlight/contracts";
import { afterEach } from "vitest";
import {
  type AgentSession,
  type OpenSessionOptions,
  openSession,
  type PromptOptions,
} from "../src/index.ts";

const opened: AgentSession[] = [];

afterEach(async () => {
  for (const { tree } of opened.splice(0)) {
    await killTree(tree);
  }
});

export function demoAgent(set: Readonly<Record<string, string>> = {}): AgentConfig {
  const { demo } = loadConfig({ env: {}, cwd: tmpdir() }).agents;
  if (demo === undefined) {
    throw new Error("the demo agent is always configured");
  }
  return { ...demo, set: { DEMO_CHUNK_MS: "0", ...set } };
}

export function agentOf(...command: string[]): AgentConfig {
  return { name: "test", command, env: [], set: {}, asksBeforeChanges: false };
}

export function sessionOptions(given: Partial<OpenSessionOptions> = {}): OpenSessionOptions {
  const dir = mkdtempSync(join(tmpdir(), "pilotlight-sessions-"));
  return {
    agent: demoAgent(),
    cwd: join(dir, "workspace"),
    configDir: join(dir, "config"),
    // Its children's pids are told as this machine counts them.
    containment: "none",
    stop: { eofMs: 2000, termMs: 300, killMs: 5000 },
    ...given,
    deadlines: {
      startMs: 20_000,
      silenceMs: 20_000,
      turnMs: 25_000,
      cancelMs: 5000,
      ...given.deadlines,
    },
  };
}

/** Opens a session that is ended after the test, however the test ends. */
export async function open(given: Partial<OpenSessionOptions> = {}): Promise<AgentSession> {
  const session = await openSession(sessionOptions(given));
  opened.push(session);
  return session;
}

export interface Heard {
  readonly updates: SessionUpdate[];
  readonly text: string;
  readonly onUpdate: PromptOptions["onUpdate"];
  /** Resolves at the first update that this finds something in. */
  first<T>(find: (update: SessionUpdate) => T | undefined): Promise<T>;
}

/** Listens to a turn. */
export function listen(): Heard {
  const updates: SessionUpdate[] = [];
  return {
    updates,
    get text() {
      return updates.map(textOf).join("");
    },
    onUpdate: (update) => {
      updates.push(update);
    },
    async first(find) {
      let seen = 0;
      return until("an update", () => {
        for (; seen < updates.length; seen += 1) {
          const update = updates[seen];
          const found = update === undefined ? undefined : find(update);
          if (found !== undefined) {
            return found;
          }
        }
        return undefined;
      });
    },
  };
}

export const aText = (update: SessionUpdate) => textOf(update) || undefined;

/** The pid of the `sleep` that `[[child SECS]]` started. */
export function childPid(update: SessionUpdate): number | undefined {
  return update.sessionUpdate === "tool_call"
    ? (update.rawInput as { pid?: number } | undefined)?.pid
    : undefined;
}

export async function until<T>(what: string, look: () => T | undefined | false): Promise<T> {
  for (const end = Date.now() + 15_000; Date.now() < end; await sleep(5)) {
    const seen = look();
    if (seen !== undefined && seen !== false) {
      return seen;
    }
  }
  throw new Error(`waited in vain for ${what}`);
}

/** Whether the process exists and is not merely waiting to be reaped. */
export function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}

function textOf(update: SessionUpdate): string {
  return update.sessionUpdate === "agent_message_chunk" && update.content.type === "text"
    ? update.content.text
    : "";
}
