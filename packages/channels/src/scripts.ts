import type { Redis } from "@pilotlight/redis";
import { KEY_PREFIX } from "./keys.ts";
import { scriptSource } from "./script-source.ts";

const NAMES = [
  "advance-schedule",
  "answer-question",
  "append-events",
  "ask-question",
  "cancel",
  "claim-callbacks",
  "clear-intent",
  "close-questions",
  "complete-occurrence",
  "decide",
  "dispatch",
  "enqueue",
  "fall-back",
  "finish-callback",
  "forget-channel",
  "give-way",
  "join-queue",
  "join-turn",
  "leave-turn",
  "note-failure",
  "note-warm",
  "pause-schedule",
  "prune-worker",
  "put-schedule",
  "record-grant",
  "recover",
  "register-worker",
  "release",
  "repair",
  "remove-schedule",
  "request-intent",
  "request-probe",
  "reset-channel",
  "revoke-grant",
  "run-schedule",
  "set-channel",
  "settle",
  "settle-idle",
  "show-live",
  "show-worker",
  "take-answers",
  "tick",
  "trim-indexes",
  "verify-leases",
  "warm-schedule",
] as const;

export type ScriptName = (typeof NAMES)[number];

type Reply = string | number | null | Reply[];
type ScriptArg = string | number;

/** The Lua scripts of this package, each with the shared parts that it uses. All take one key: the prefix. */
export const scripts = NAMES.map((name) => ({
  name: commandName(name),
  lua: scriptSource(name),
  keys: 1,
}));

/** The name under which the script is defined on a client. */
export function commandName(name: ScriptName): string {
  return `pl:${name}`;
}

/** Runs a script that `defineScripts` has defined on the client. Replies are strings, numbers and arrays. */
export async function runScript<T extends Reply>(
  redis: Redis,
  name: ScriptName,
  args: readonly ScriptArg[],
): Promise<T> {
  const command = (redis as unknown as Record<string, (...all: ScriptArg[]) => Promise<T>>)[
    commandName(name)
  ];
  if (command === undefined) {
    throw new Error(`script ${name} is not defined on this client`);
  }
  return await command.call(redis, KEY_PREFIX, ...args);
}
