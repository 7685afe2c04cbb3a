import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { statSync } from "node:fs";
import { constants } from "node:os";
import { basename, resolve } from "node:path";
import type { AgentConfig } from "@pilotlight/contracts";
import { withDeadline } from "@pilotlight/lifecycle";
import type { AgentExit, AgentProcess } from "./agent-process.ts";
import { AgentStartError } from "./agent-start-error.ts";
import { containedCommand, LIFELINE_FD } from "./containment/contained-command.ts";
import type { Containment } from "./containment/containment.ts";
import { findContainment, isRoot } from "./containment/find-containment.ts";
import { stdioOf } from "./containment/stdio-of.ts";
import { agentEnvironment } from "./environment/agent-environment.ts";
import { scrubSecrets, secretsOf } from "./environment/scrub-secrets.ts";
import { findCommand, isExecutable, isForThisMachine } from "./find-command.ts";
import { createOutputRing } from "./output-ring.ts";
import { TREE_VARIABLE } from "./tree/process-tree.ts";
import { readProcess } from "./tree/read-processes.ts";
import { stopTree } from "./tree/stop-tree.ts";
import { treeRssBytes } from "./tree/tree-rss-bytes.ts";

export interface SpawnAgentOptions {
  readonly agent: AgentConfig;
  /** Has to exist. */
  readonly cwd: string;
  readonly configDir?: string;
  /** Default: the strongest that this machine allows. */
  readonly containment?: Containment;
  /** Who answers for the process; the front of its tree's marker. */
  readonly owner?: string;
  /** Where allowed variables are taken from. Default: this process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const STDERR_KEPT_BYTES = 65_536;
const STDERR_SHOWN_BYTES = 2048;
/** A descendant may hold the pipe open after the root is gone: its end is not waited for longer. */
const STDERR_END_MS = 100;

/**
 * Starts an agent in a session and process group of its own, with an environment of its own.
 *
 * @throws AgentStartError where the command cannot be run at all.
 */
export async function spawnAgent(options: SpawnAgentOptions): Promise<AgentProcess> {
  const { agent, cwd } = options;
  const marker = `${options.owner ?? "pilotlight"}/${randomUUID()}`;
  const env = agentEnvironment({ ...options, source: options.env ?? process.env });
  env[TREE_VARIABLE] = marker;
  const containment = options.containment ?? (await findContainment());
  const child = await spawnChild(agent, cwd, env, containment);
  const { pid } = child;
  // Read before the event loop can reap it: until then nobody else has this pid.
  const tree = { pid, startTicks: readProcess(pid)?.startTicks ?? 0, marker };
  const secrets = secretsOf(env);
  const ring = createOutputRing(STDERR_KEPT_BYTES);
  child.stderr.on("data", (chunk: Buffer) => ring.push(chunk));
  const exited = watchExit(child, containment);
  let stopped: Promise<void> | undefined;

  return {
    pid,
    tree,
    stdin: child.stdin,
    stdout: child.stdout,
    exited,
    stderrTail: (maxBytes = STDERR_SHOWN_BYTES) =>
      lastBytes(scrubSecrets(ring.text(), secrets), maxBytes),
    rssBytes: () => treeRssBytes(tree),
    stop: (timings) => {
      stopped ??= stopTree(tree, () => child.stdin.end(), timings).finally(() => {
        for (const stream of child.stdio) {
          stream?.destroy();
        }
      });
      return stopped;
    },
  };
}

type SpawnedChild = ChildProcessWithoutNullStreams & { readonly pid: number };

async function spawnChild(
  agent: AgentConfig,
  cwd: string,
  env: Record<string, string>,
  containment: Containment,
): Promise<SpawnedChild> {
  const [command = "", ...args] = agent.command;
  // The system says "not found" for a missing directory too, which would blame the command.
  if (!statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) {
    throw new AgentStartError(agent.name, "its working directory does not exist", "");
  }
  try {
    // A path is ours, never the workspace's: what lies there is not to be run for an agent.
    const program = command.includes("/") ? resolve(command) : command;
    const [first = program, ...rest] =
      containment === "none"
        ? [program, ...args]
        : containedCommand(containment, [checked(agent, program, env.PATH), ...args], isRoot());
    const child = spawn(first, rest, {
      cwd,
      env,
      detached: true,
      stdio: stdioOf(containment, "pipe"),
    }) as SpawnedChild;
    // Nothing travels on it: that it is open tells the namespace that we live.
    child.stdio[LIFELINE_FD]?.on("error", ignore);
    // Whoever reads or writes hears of a broken pipe; nobody is left to hear of it later.
    child.stdin.on("error", ignore);
    child.stdout.on("error", ignore);
    child.stderr.on("error", ignore);
    await once(child, "spawn");
    child.on("error", ignore);
    return child;
  } catch (error) {
    if (error instanceof AgentStartError) {
      throw error;
    }
    throw new AgentStartError(agent.name, describeSpawnError(command, error), "", {
      cause: error,
    });
  }
}

/** What contains the agent starts in any case: that the agent itself cannot is found before. */
function checked(agent: AgentConfig, program: string, path: string | undefined): string {
  const file = findCommand(program, path, "/");
  const code =
    file === undefined
      ? "ENOENT"
      : !isExecutable(file)
        ? "EACCES"
        : isForThisMachine(file)
          ? undefined
          : "ENOEXEC";
  if (file === undefined || code !== undefined) {
    throw new AgentStartError(agent.name, describeSpawnError(program, { code }), "");
  }
  return file;
}

function describeSpawnError(command: string, error: unknown): string {
  const name = basename(command);
  switch ((error as NodeJS.ErrnoException).code) {
    case "ENOENT":
      return `its command "${name}" was not found`;
    case "EACCES":
      return `its command "${name}" is not executable`;
    case "ENOEXEC":
      return `its command "${name}" is not a program for this machine`;
    default:
      return `its command "${name}" could not be run (${(error as NodeJS.ErrnoException).code ?? "unknown"})`;
  }
}

async function watchExit(child: SpawnedChild, containment: Containment): Promise<AgentExit> {
  const stderrEnd = once(child.stderr, "close");
  const [exitCode, signal] = (await once(child, "exit")) as [number | null, string | null];
  await withDeadline(stderrEnd, STDERR_END_MS, () => new Error("stderr is still held open")).catch(
    ignore,
  );
  return containment === "namespace" ? exitInNamespace(exitCode, signal) : { exitCode, signal };
}

/** The namespace's first process ends as a shell tells it: 128 and the number of the signal that ended the agent. */
function exitInNamespace(exitCode: number | null, signal: string | null): AgentExit {
  const number = (exitCode ?? 0) - 128;
  const [name] = Object.entries(constants.signals).find(([, of]) => of === number) ?? [];
  return name === undefined ? { exitCode, signal } : { exitCode: null, signal: name };
}

function lastBytes(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  return bytes.byteLength <= maxBytes
    ? text
    : bytes
        .subarray(bytes.byteLength - maxBytes)
        .toString("utf8")
        .replace(/^\uFFFD{1,3}/, "");
}

function ignore(): void {
  // Said elsewhere.
}
