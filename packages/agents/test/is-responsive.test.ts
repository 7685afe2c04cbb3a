import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { canContain, isResponsive } from "../src/index.ts";
import { until } from "./processes.ts";
import { firstLine, startShell } from "./start-shell.ts";

test.for(["none", "namespace"] as const)(
  "under %s an agent that was stopped is told from one that runs, and goes on",
  async (containment, { skip }) => {
    skip(!(await canContain(containment)), "not possible on this machine");
    const agentProcess = await startShell("echo up; read line", { containment });
    try {
      await firstLine(agentProcess);
      expect(isResponsive(agentProcess.tree)).toBe(true);
      const pid = deepest(agentProcess.pid, containment === "none" ? 0 : 2);
      process.kill(pid, "SIGSTOP");
      await until("it is seen", () => !isResponsive(agentProcess.tree));
      process.kill(pid, "SIGCONT");
      await until("it is seen", () => isResponsive(agentProcess.tree));
    } finally {
      await agentProcess.stop({ eofMs: 0, termMs: 0, killMs: 5000 });
    }
    expect(isResponsive(agentProcess.tree)).toBe(false);
  },
);

function deepest(pid: number, levels: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").split(" ");
  return levels === 0 ? pid : deepest(Number(children[0]), levels - 1);
}
