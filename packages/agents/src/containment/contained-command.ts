import { findCommand } from "../find-command.ts";
import type { Containment } from "./containment.ts";

/** The file descriptor that a contained command reads its starter's life from: it ends with whoever holds its other side. */
export const LIFELINE_FD = 3;

/**
 * The first process of the namespace, which collects orphans and ends with the agent's exit code. It lets go of the pipes,
 * so that they end with the agent. A shell starts background jobs deaf to SIGINT and SIGQUIT: `env` gives them back.
 *
 * The signal at a parent's death comes too late for a process whose parent died before it had asked for it, and each step
 * of the chain has such a moment. The lifeline has none: it was closed or it will be, and the namespace ends at that.
 */
const INIT = `
exec 4<&0
${ours("env")} --default-signal=INT,QUIT "$@" <&4 ${LIFELINE_FD}<&- 4<&- &
agent=$!
exec 0</dev/null 1>/dev/null 2>&1 4<&-
{ read -r _ <&${LIFELINE_FD}; kill -s KILL -- -1; } &
exec ${LIFELINE_FD}<&-
wait $agent; exit $?`;

const ON_PARENT_DEATH = [ours("setpriv"), "--pdeathsig", "KILL", "--"];

/** The command that runs `command` under a containment. All programs that it needs are of util-linux and coreutils. */
export function containedCommand(
  containment: Containment,
  command: readonly string[],
  isRoot: boolean,
): readonly string[] {
  if (containment === "none") {
    return command;
  }
  return [
    ...ON_PARENT_DEATH,
    ours("unshare"),
    // Without root a namespace of users, in which the agent is still who it was, makes the others possible.
    ...(isRoot ? [] : ["--user", "--map-current-user"]),
    "--pid",
    "--fork",
    "--kill-child=KILL",
    "--mount-proc",
    "--",
    "/bin/sh",
    "-c",
    INIT,
    "agent",
    ...command,
  ];
}

/** By our own PATH: the agent's may be another. */
function ours(name: string): string {
  return findCommand(name, process.env.PATH, "/") ?? name;
}
