import { RequestError } from "@agentclientprotocol/sdk";
import { UnreachableError } from "./http-fetch.ts";

export type ErrorKind = "unreachable" | "model_missing" | "refused" | "dropped";

const INTERNAL_ERROR = -32603;
const NOT_FOUND = 404;

/** What went wrong with Ollama, in words that say what to do, as the JSON-RPC error of the request that needed it. */
export function fromOllamaError(
  error: unknown,
  { host, model }: { readonly host: string; readonly model?: string },
): RequestError {
  const words = error instanceof Error ? error.message : String(error);
  if (isBadAddress(error)) {
    return ollamaError("unreachable", `OLLAMA_HOST is no address: ${withoutSecret(host)}`);
  }
  if (error instanceof UnreachableError || isTimeout(error)) {
    const why = isTimeout(error) ? "it listens, but does not answer" : words;
    return ollamaError(
      "unreachable",
      `Ollama cannot be reached at ${withoutSecret(host)} (${why}). Start it with "ollama serve", or set OLLAMA_HOST to where it runs.`,
    );
  }
  const status = (error as { status_code?: unknown }).status_code;
  if (status === NOT_FOUND && model !== undefined) {
    return modelMissing(model);
  }
  if (typeof status === "number") {
    return ollamaError("refused", `Ollama answered ${status}: ${words}`);
  }
  return ollamaError("dropped", `Ollama did not finish its answer: ${words}`);
}

export function modelMissing(model: string): RequestError {
  return ollamaError(
    "model_missing",
    `Ollama has no model "${model}". Get it with "ollama pull ${model}", or set OLLAMA_MODEL to one that "ollama list" shows.`,
  );
}

export function noModel(): RequestError {
  return ollamaError(
    "model_missing",
    'Ollama has no model that can chat yet. Get one, for example with "ollama pull llama3.2".',
  );
}

function ollamaError(errorKind: ErrorKind, message: string): RequestError {
  return new RequestError(INTERNAL_ERROR, message, { errorKind });
}

function isBadAddress(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === "ERR_INVALID_URL" || code === "ERR_INVALID_PROTOCOL";
}

function isTimeout(error: unknown): boolean {
  const { name, cause } = error as { name?: unknown; cause?: { name?: unknown } };
  return name === "TimeoutError" || cause?.name === "TimeoutError";
}

/** An address may carry a password. */
function withoutSecret(host: string): string {
  return host.replace(/\/\/[^/@]*@/, "//");
}
