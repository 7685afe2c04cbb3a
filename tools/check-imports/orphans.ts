import type { Violation } from "./rule.ts";
import type { SourceFile } from "./source-file.ts";

/** Where reading begins: what a workspace exports and what its commands and processes start with. */
const ENTRY =
  /^(?:packages\/[^/]+\/src\/(?:index|testing|main|global-setup|temporary-root)|apps\/[^/]+\/src\/(?:[^/]+-)?main)\.ts$/;

/**
 * Files of workspaces that nothing leads to, neither an import nor a process that is started with them.
 * Tests lead nowhere: code that only a test uses is an orphan.
 */
export function orphans(files: readonly SourceFile[]): Violation[] {
  const sources = files.filter((file) => isSource(file));
  const byPath = new Map(sources.map((file) => [file.path, file]));
  const reached = new Set<string>();
  const visit = (path: string) => {
    const file = byPath.get(path);
    if (file === undefined || reached.has(path)) {
      return;
    }
    reached.add(path);
    for (const { target } of file.references) {
      visit(target);
    }
  };
  for (const file of sources) {
    if (ENTRY.test(file.path)) {
      visit(file.path);
    }
  }
  return sources
    .filter((file) => !reached.has(file.path))
    .map((file) => ({ path: file.path, line: 1, what: "nothing leads to it" }));
}

function isSource(file: SourceFile): boolean {
  return /^(apps|packages)\/[^/]+\/src\//.test(file.path) && !/\.(spec|test)\.ts$/.test(file.path);
}
