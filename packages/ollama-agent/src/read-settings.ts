import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Settings {
  /** Where conversations are kept. */
  readonly home: string;
  /** As the person wrote it: a URL, `host:port` or `:port`. */
  readonly host: string;
  /** Without one, the first model that Ollama lists. */
  readonly model: string | undefined;
  /** The context window, in tokens, that every request asks Ollama for. */
  readonly contextTokens: number;
}

const DEFAULT_CONTEXT_TOKENS = 8192;
const LEAST_CONTEXT_TOKENS = 512;
const MOST_CONTEXT_TOKENS = 2_097_152;

/** README.md lists the variables. What cannot be read as a number of tokens is the default. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  return {
    home: env.PILOTLIGHT_OLLAMA_HOME || temporaryHome(),
    host: env.OLLAMA_HOST || "http://127.0.0.1:11434",
    model: env.OLLAMA_MODEL || undefined,
    contextTokens: contextTokensOf(env.PILOTLIGHT_OLLAMA_CONTEXT),
  };
}

function contextTokensOf(text: string | undefined): number {
  const tokens = Math.trunc(Number(text || DEFAULT_CONTEXT_TOKENS));
  return Number.isFinite(tokens)
    ? Math.min(Math.max(tokens, LEAST_CONTEXT_TOKENS), MOST_CONTEXT_TOKENS)
    : DEFAULT_CONTEXT_TOKENS;
}

/** Without a home of its own nothing outlives the process. */
function temporaryHome(): string {
  const home = join(tmpdir(), `ollama-agent-${randomUUID()}`);
  process.on("exit", () => rmSync(home, { recursive: true, force: true }));
  return home;
}
