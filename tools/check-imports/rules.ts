import { HOMES, libraryOf, MAY_IMPORT } from "./homes.ts";
import { orphans } from "./orphans.ts";
import { type Rule, referenceRule } from "./rule.ts";

const OWN = /^@pilotlight\/([^/]+)(?:\/(.+))?$/;

/** The workspace that a reference leads into, if it is one of ours. */
function workspaceOf(target: string): string | undefined {
  const named = OWN.exec(target)?.[1];
  if (named !== undefined) {
    const app = `apps/${named}`;
    return app in MAY_IMPORT ? app : `packages/${named}`;
  }
  return /^(?:apps|packages)\/[^/]+/.exec(target)?.[0];
}

/** What `style.md` calls "which way imports point", as far as a reader of imports can tell. */
export const RULES: readonly Rule[] = [
  referenceRule("Packages never import apps.", (file, target, kind) => {
    const to = workspaceOf(target);
    const fromPackage = file.workspace?.startsWith("packages/") && file.production;
    return fromPackage && kind !== "url" && to?.startsWith("apps/") ? `imports ${to}` : undefined;
  }),

  referenceRule("Apps meet in Redis: they never import each other.", (file, target, kind) => {
    const to = workspaceOf(target);
    const toAnotherApp = to?.startsWith("apps/") && to !== file.workspace;
    return file.workspace?.startsWith("apps/") && kind !== "url" && toAnotherApp
      ? `imports ${to}`
      : undefined;
  }),

  referenceRule(
    "Imports point from apps to sessions to agents, from apps to channels to redis, and from all to contracts and lifecycle.",
    (file, target) => {
      const to = OWN.exec(target)?.[1];
      if (
        !file.production ||
        file.workspace === undefined ||
        to === undefined ||
        to === "testkit"
      ) {
        return undefined;
      }
      const allowed = MAY_IMPORT[file.workspace];
      if (allowed === undefined) {
        return `${file.workspace} has no place among the layers yet`;
      }
      return allowed.includes(to) ? undefined : `${file.workspace} imports ${to}`;
    },
  ),

  referenceRule("A package is entered by its index.", (file, target, kind) => {
    const inside = OWN.exec(target)?.[2];
    if (inside !== undefined && inside !== "testing") {
      return `reaches into ${target}`;
    }
    const to = OWN.test(target) ? undefined : workspaceOf(target);
    const leaves = file.workspace !== undefined && to !== undefined && to !== file.workspace;
    return leaves && kind !== "url" ? `reaches over to ${target}` : undefined;
  }),

  referenceRule("Each library has its home.", (file, target) => {
    const homes = HOMES[libraryOf(target)];
    return file.production && homes !== undefined && !homes.includes(file.workspace ?? "")
      ? `imports ${libraryOf(target)}, whose home is ${homes.join(", ")}`
      : undefined;
  }),

  referenceRule("Production never imports tests or the test kit.", (file, target) => {
    const isTest =
      target.startsWith("@pilotlight/testkit") ||
      /^(vitest|fast-check)\b/.test(target) ||
      /^(apps|packages)\/[^/]+\/test\//.test(target) ||
      /\.(spec|test)\.ts$/.test(target);
    return file.production && isTest ? `imports ${target}` : undefined;
  }),

  {
    sentence: "State machines (`*-state.ts`) do no IO and ask no clock.",
    check: (files) =>
      files
        .filter((file) => file.production && file.path.endsWith("-state.ts"))
        .flatMap((file) => [
          ...file.references
            .filter(({ target, kind }) => kind !== "type" && !isPureTarget(target))
            .map(({ target, line }) => ({ path: file.path, line, what: `imports ${target}` })),
          ...findCalls(file.text).map((found) => ({ path: file.path, ...found })),
        ]),
  },

  {
    sentence: "Only errors extend, and what a library asks to be extended.",
    check: (files) =>
      files
        .filter((file) => file.production)
        .flatMap((file) =>
          [...file.text.matchAll(/\bclass\s+\w+\s+extends\s+(\w+)/g)]
            .filter(([, base = ""]) => !base.endsWith("Error") && !isFromLibrary(file.text, base))
            .map((match) => ({
              path: file.path,
              line: lineAt(file.text, match.index),
              what: `extends ${match[1]}`,
            })),
        ),
  },

  { sentence: "No file is an orphan.", check: orphans },
];

/** Another state machine, an error, or the contracts. */
function isPureTarget(target: string): boolean {
  return target === "@pilotlight/contracts" || /-(state|errors?)\.ts$/.test(target);
}

function findCalls(text: string): { line: number; what: string }[] {
  const calls =
    /\b(Date\.now|performance\.now|new Date|Math\.random|process\.\w+|fetch|setTimeout|setInterval)\b(?=\(|\.|;|\))/g;
  return [...text.matchAll(calls)].map((match) => ({
    line: lineAt(text, match.index),
    what: `uses ${match[1]}`,
  }));
}

function isFromLibrary(text: string, name: string): boolean {
  const imports = text.matchAll(/^import\s[^"']*?\bfrom\s*["']([^"']+)["']/gm);
  return [...imports].some(
    ([statement, from = ""]) =>
      new RegExp(`\\b${name}\\b`).test(statement.split(/\bfrom\b/)[0] ?? "") &&
      !/^(\.|node:|@pilotlight\/)/.test(from),
  );
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
