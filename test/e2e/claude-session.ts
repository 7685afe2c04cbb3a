import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AgentSession,
  openSession,
  type PromptOptions,
  type SessionUpdate,
} from "@pilotlight/sessions";
import { type FakeModel, type ModelScript, startFakeModel } from "@pilotlight/testkit";
import { claudeCommand } from "./claude-adapter.ts";
import { claudeEnvironment } from "./claude-config.ts";

/** The real Claude agent in a session of its own, without the system around it. */
export interface ClaudeSession {
  readonly session: AgentSession;
  readonly model: FakeModel;
  readonly workspace: string;
  end(): Promise<void>;
}

export async function openClaude(script?: ModelScript): Promise<ClaudeSession> {
  const model = await startFakeModel(script);
  const dir = mkdtempSync(join(tmpdir(), "pilotlight-claude-"));
  const workspace = join(dir, "workspace");
  const session = await openSession({
    agent: {
      name: "claude",
      command: claudeCommand(),
      env: [],
      set: { ...claudeEnvironment(model.url), HOME: dir },
      asksBeforeChanges: true,
    },
    cwd: workspace,
    configDir: join(dir, "config"),
    deadlines: { startMs: 40_000, silenceMs: 40_000, turnMs: 50_000, cancelMs: 10_000 },
  });
  return {
    session,
    model,
    workspace,
    async end() {
      await session.close();
      await model.close();
      rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

/** Listens to a turn's text. */
export function hear(): { readonly text: string } & Pick<PromptOptions, "onUpdate"> {
  let text = "";
  return {
    get text() {
      return text;
    },
    onUpdate(update: SessionUpdate) {
      if (update.sessionUpdate === "agent_message_chunk" && update.content.type === "text") {
        text += update.content.text;
      }
    },
  };
}
