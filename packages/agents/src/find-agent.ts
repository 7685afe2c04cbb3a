import { existsSync, readdirSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import type { AgentConfig } from "@pilotlight/contracts";
import { findCommand, isExecutable } from "./find-command.ts";

/**
 * Whether an agent can be started here.
 *
 * - `ready`: its program is on this machine, at `file`
 * - `fetched-on-use`: npx is here and would fetch `package` at the first start
 * - `missing`: it cannot be started; `reason` is a part of a sentence
 */
export type AgentFinding =
  | { readonly at: "ready"; readonly file: string }
  | { readonly at: "fetched-on-use"; readonly package: string }
  | { readonly at: "missing"; readonly reason: string };

export interface FindAgentOptions {
  /** Default: this process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where relative commands and `node_modules` are looked for from. Default: the current directory. */
  readonly cwd?: string;
}

/** Looks only; starts nothing and fetches nothing. */
export function findAgent(agent: AgentConfig, options: FindAgentOptions = {}): AgentFinding {
  const env = options.env ?? process.env;
  const cwd = options.cwd ?? process.cwd();
  const [command = "", ...args] = agent.command;
  const file = findCommand(command, agent.set.PATH ?? env.PATH, cwd);
  if (file === undefined) {
    return { at: "missing", reason: `its command "${command}" was not found` };
  }
  if (!isExecutable(file)) {
    return { at: "missing", reason: `its command "${command}" is not executable` };
  }
  if (command === "npx") {
    const name = args.find((arg) => !arg.startsWith("-"));
    return name === undefined ? { at: "ready", file } : findPackage(name, env, cwd);
  }
  const script = args.find((arg) => isAbsolute(arg));
  return script === undefined || existsSync(script)
    ? { at: "ready", file }
    : { at: "missing", reason: `its program ${script} does not exist` };
}

/** In a `node_modules` from `cwd` upwards, or in npx's own cache. */
function findPackage(
  spec: string,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): AgentFinding {
  const name = spec.replace(/(?<=.)@[^/]*$/, "");
  const cache = env.npm_config_cache ?? join(env.HOME ?? "/", ".npm");
  const npx = join(cache, "_npx");
  const roots = [
    ...upwards(cwd),
    ...(existsSync(npx) ? readdirSync(npx).map((entry) => join(npx, entry)) : []),
  ];
  const found = roots
    .map((root) => join(root, "node_modules", name))
    .find((dir) => existsSync(join(dir, "package.json")));
  return found === undefined
    ? { at: "fetched-on-use", package: name }
    : { at: "ready", file: found };
}

function upwards(dir: string): string[] {
  const parent = dirname(dir);
  return parent === dir ? [dir] : [dir, ...upwards(parent)];
}
