import { posix } from "node:path";

/** One import, export-from, dynamic import or `new URL("./x", import.meta.url)` of a file. */
export interface Reference {
  /** As it is written, or the path inside the repository where it is written relative. */
  readonly target: string;
  readonly kind: "import" | "type" | "url";
  readonly line: number;
}

/** A TypeScript file of the repository and what it refers to. */
export interface SourceFile {
  /** From the root of the repository: `packages/redis/src/index.ts`. */
  readonly path: string;
  readonly text: string;
  /** `packages/redis` or `apps/cli`; undefined outside of workspaces. */
  readonly workspace: string | undefined;
  /** What runs at a user's: not a test, not the test kit. */
  readonly production: boolean;
  readonly references: readonly Reference[];
}

const PATTERNS: readonly {
  readonly pattern: RegExp;
  readonly kind: Reference["kind"] | "either";
}[] = [
  {
    pattern: /^\s*(?:import|export)\s+(type\s)?[^"'`;]*?\bfrom\s*["']([^"']+)["']/gm,
    kind: "either",
  },
  { pattern: /^\s*import\s*()["']([^"']+)["']/gm, kind: "import" },
  { pattern: /\bimport\(\s*()["']([^"']+)["']\s*\)/g, kind: "import" },
  { pattern: /\bnew URL\(\s*()["']([^"']+)["']\s*,\s*import\.meta\.url/g, kind: "url" },
];

/** Reads a file's text. Comments are passed over: an example in one is no import. */
export function parseSource(path: string, text: string): SourceFile {
  const [kind, name, part] = path.split("/");
  const inWorkspace = kind === "apps" || kind === "packages";
  const workspace = inWorkspace ? `${kind}/${name}` : undefined;
  return {
    path,
    text,
    workspace,
    production:
      inWorkspace && part === "src" && name !== "testkit" && !/\.(spec|test)\.ts$/.test(path),
    references: findReferences(path, withoutComments(text)),
  };
}

function findReferences(path: string, text: string): Reference[] {
  const found: Reference[] = [];
  for (const { pattern, kind } of PATTERNS) {
    for (const match of text.matchAll(pattern)) {
      const written = match[2] ?? "";
      const target = written.startsWith(".") ? posix.join(posix.dirname(path), written) : written;
      const start = match.index + match[0].length - match[0].trimStart().length;
      const line = text.slice(0, start).split("\n").length;
      const isType = kind === "either" && match[1] !== undefined;
      found.push({ target, kind: kind === "either" ? (isType ? "type" : "import") : kind, line });
    }
  }
  return found.sort((a, b) => a.line - b.line);
}

/** Comments become blanks, lines stay where they are. Only what begins a line is taken for a comment. */
function withoutComments(text: string): string {
  return text
    .replaceAll(/^[ \t]*\/\*[\s\S]*?\*\//gm, (comment) => comment.replaceAll(/[^\n]/g, " "))
    .replaceAll(/^[ \t]*\/\/.*$/gm, "");
}
