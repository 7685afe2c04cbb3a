import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { agentsDir, CLAUDE_ADAPTER, claudeAdapterDir } from "./claude-adapter.ts";

/**
 * Installs the real agents that the end-to-end tests drive. Nothing happens where they are there already.
 * The install is made beside its final place and moved there at once: a broken one is never found later.
 */
const target = claudeAdapterDir();
const spec = `${CLAUDE_ADAPTER.name}@${CLAUDE_ADAPTER.version}`;

if (existsSync(target)) {
  say(`${spec} is already installed`);
} else {
  say(`installing ${spec} (about 330 MB, once)`);
  mkdirSync(agentsDir(), { recursive: true });
  const staging = mkdtempSync(join(agentsDir(), ".installing-"));
  try {
    writeFileSync(join(staging, "package.json"), JSON.stringify({ private: true }));
    execFileSync(
      "npm",
      ["install", "--save-exact", "--ignore-scripts", "--no-audit", "--no-fund", spec],
      { cwd: staging, stdio: ["ignore", "inherit", "inherit"] },
    );
    renameSync(staging, target);
    say(`${spec} is installed`);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
