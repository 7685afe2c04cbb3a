/** Which packages a workspace may know. Arrows point from users to what they use; nothing points back. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "packages/contracts": [],
  "packages/lifecycle": ["contracts"],
  "packages/agents": ["contracts", "lifecycle"],
  "packages/redis": ["contracts", "lifecycle"],
  "packages/sessions": ["agents", "contracts", "lifecycle"],
  "packages/schedules": ["contracts"],
  "packages/permissions": ["contracts"],
  "packages/callbacks": [],
  "packages/channels": ["redis", "schedules", "contracts", "lifecycle"],
  "packages/client": ["contracts"],
  "packages/demo-agent": [],
  "packages/ollama-agent": [],
  "apps/board": ["channels", "redis", "contracts", "lifecycle"],
  "apps/cli": ["agents", "client", "redis", "contracts", "lifecycle"],
  "apps/ingress": [
    "callbacks",
    "permissions",
    "channels",
    "schedules",
    "redis",
    "contracts",
    "lifecycle",
  ],
  "apps/worker": [
    "sessions",
    "permissions",
    "agents",
    "channels",
    "redis",
    "contracts",
    "lifecycle",
  ],
};

/** Where a library may be imported. What is not listed has no home to defend. */
export const HOMES: Readonly<Record<string, readonly string[]>> = {
  // Our own services; agents; the embedded server; what the demo agent runs as its tool.
  child_process: ["packages/lifecycle", "packages/agents", "packages/redis", "packages/demo-agent"],
  "@agentclientprotocol/sdk": ["packages/sessions", "packages/demo-agent", "packages/ollama-agent"],
  ollama: ["packages/ollama-agent"],
  bullmq: ["packages/channels"],
  "cron-parser": ["packages/schedules"],
  // Those who send sign with it; tests verify.
  standardwebhooks: ["packages/callbacks", "packages/testkit"],
  "ipaddr.js": ["packages/callbacks"],
  ioredis: ["packages/redis"],
  "js-redis-server": ["packages/redis"],
  pino: ["packages/lifecycle"],
  "smol-toml": ["packages/contracts"],
  "eventsource-parser": ["packages/client"],
  express: ["apps/ingress", "apps/board"],
  "@bull-board": ["apps/board"],
  helmet: ["apps/ingress", "apps/board"],
  "rate-limiter-flexible": ["apps/ingress", "apps/board"],
  commander: ["apps/cli"],
};

/** The library that a specifier belongs to, as `HOMES` names it. */
export function libraryOf(specifier: string): string {
  const bare = specifier.replace(/^node:/, "");
  return (
    Object.keys(HOMES).find((library) => bare === library || bare.startsWith(`${library}/`)) ?? bare
  );
}
