import { isAlive } from "@pilotlight/testkit";

/** Signals a process, where there is one. */
export function signal(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid !== undefined && isAlive(pid)) {
    try {
      process.kill(pid, name);
    } catch {
      // Gone at this very moment: as good as hit.
    }
  }
}
