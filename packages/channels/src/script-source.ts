import { readFileSync } from "node:fs";

const USES = /^-- Uses: (.+)$/m;

/**
 * A script as Redis gets it: behind the parts that its line `-- Uses:` names, each once and after those that it uses
 * itself. Parts are Lua's local functions, so that what a script does not use costs its calls nothing.
 */
export function scriptSource(name: string): string {
  const parts = new Map<string, string>();

  function include(uses: readonly string[]): void {
    for (const part of uses) {
      if (!parts.has(part)) {
        const text = read(`shared/${part}`);
        include(usesOf(text));
        parts.set(part, text);
      }
    }
  }

  const text = read(name);
  include(usesOf(text));
  return [...parts.values(), text].join("\n");
}

/** The parts that a script or part names itself. */
export function usesOf(text: string): readonly string[] {
  return USES.exec(text)?.[1]?.split(", ") ?? [];
}

function read(name: string): string {
  return readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), "utf8");
}
