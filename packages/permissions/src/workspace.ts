import { lstatSync, readlinkSync } from "node:fs";
import { dirname, isAbsolute, join, normalize, resolve, sep } from "node:path";

/** The directory that an agent may work in, and what paths really lead to. */
export interface Workspace {
  /** Absolute, without symbolic links. */
  readonly root: string;
  /**
   * The absolute path that a path leads to once every symbolic link is followed, also where its last parts do not exist
   * yet; relative ones begin at the root. Undefined: it cannot be told, and counts as outside.
   */
  resolve(path: string): string | undefined;
}

const MOST_PATH_CHARS = 4096;
const MOST_LINKS = 40;

/**
 * A workspace on this machine's disk. Looks at it synchronously: a few `lstat` for each path that a tool call names.
 *
 * @throws Error where the root itself leads nowhere
 */
export function workspaceOnDisk(directory: string): Workspace {
  const root = follow(resolve(directory));
  if (root === undefined) {
    throw new Error(`the workspace ${directory} leads nowhere`);
  }
  return {
    root,
    resolve(path) {
      const absolute = isAbsolute(path) ? path : `${root}${sep}${path}`;
      // Some tools take `..` out before they open a path, others leave it to the kernel, which follows links first.
      const asOpened = follow(absolute);
      return asOpened === follow(normalize(absolute)) ? asOpened : undefined;
    },
  };
}

/** What the kernel would open or create, part by part: a link that leads to nothing yet is followed as well. */
function follow(path: string): string | undefined {
  if (path.length > MOST_PATH_CHARS) {
    return undefined;
  }
  const waiting = partsOf(path).reverse();
  let at: string = sep;
  for (let links = 0; waiting.length > 0; ) {
    const part = waiting.pop() ?? "";
    if (part === "..") {
      at = dirname(at);
      continue;
    }
    const next = join(at, part);
    const target = linkTarget(next);
    if (target === false) {
      return undefined;
    }
    if (target === undefined) {
      at = next;
      continue;
    }
    links += 1;
    if (links > MOST_LINKS) {
      return undefined;
    }
    waiting.push(...partsOf(target).reverse());
    if (isAbsolute(target)) {
      at = sep;
    }
  }
  return at;
}

function partsOf(path: string): string[] {
  return path.split(sep).filter((part) => part !== "" && part !== ".");
}

/** Where a link leads; undefined: it is none, or nothing is there yet; false: that cannot be told, or it is no path. */
function linkTarget(path: string): string | undefined | false {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT" || code === "ENOTDIR" ? undefined : false;
  }
}
