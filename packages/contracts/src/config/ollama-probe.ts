import type { AgentProbe } from "./agent-probe.ts";

const OLLAMA_PORT = "11434";

/**
 * Asks the server that `OLLAMA_HOST` names for its models. As Ollama itself reads it: a URL, `host:port`, `host` or
 * `:port`; an address to listen on everywhere is reached by loopback.
 */
export function ollamaProbe(env: Readonly<Record<string, string | undefined>>): AgentProbe {
  const host = env.OLLAMA_HOST?.trim() || `http://127.0.0.1:${OLLAMA_PORT}`;
  const hasScheme = /^https?:\/\//i.test(host);
  const address = hasScheme ? host : `http://${host.startsWith(":") ? "127.0.0.1" : ""}${host}`;
  if (!URL.canParse(address)) {
    // The probe says so: a fault of the environment is no fault of a configuration that may not need Ollama.
    return { http: address };
  }
  const url = new URL(address);
  if (!hasScheme && url.port === "" && !/:80(?:\/|$)/.test(host)) {
    url.port = OLLAMA_PORT;
  }
  if (url.hostname === "0.0.0.0" || url.hostname === "[::]") {
    url.hostname = "127.0.0.1";
  }
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/api/tags`;
  return { http: url.href };
}
