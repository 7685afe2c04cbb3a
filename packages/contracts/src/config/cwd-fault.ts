import { realpathSync, statSync } from "node:fs";
import { isAbsolute, relative } from "node:path";

/**
 * What is wrong with a working directory that somebody asked for; undefined where it is a directory inside one of the
 * roots (absolute paths), its symbolic links followed.
 */
export function cwdFault(cwd: string, roots: readonly string[]): string | undefined {
  if (!isAbsolute(cwd)) {
    return "must be an absolute path";
  }
  if (roots.length === 0) {
    return "is not possible here: the configuration names no [acp] cwd_roots";
  }
  let real: string;
  try {
    real = realpathSync(cwd);
    if (!statSync(real).isDirectory()) {
      return "is not a directory";
    }
  } catch {
    return "does not exist";
  }
  return roots.some((root) => isInside(real, root))
    ? undefined
    : "is outside of what the configuration allows ([acp] cwd_roots)";
}

function isInside(real: string, root: string): boolean {
  try {
    const path = relative(realpathSync(root), real);
    return path === "" || !(path === ".." || path.startsWith("../") || isAbsolute(path));
  } catch {
    return false;
  }
}
