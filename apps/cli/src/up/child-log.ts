import { appendFileSync, mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";

const MOST_BYTES = 10 * 1_048_576;
const LEVEL_WARN = 40;

/** A child's lines: all of them in a file (rotated once at 10 MB), warnings and worse for the terminal too. */
export function createChildLog(
  dataDir: string,
  name: string,
  toTerminal: (line: string) => void,
): (line: string) => void {
  const directory = join(dataDir, "logs");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, `${name}.log`);
  let bytes = sizeOf(path);
  return (line) => {
    if (bytes > MOST_BYTES) {
      renameSync(path, `${path}.1`);
      bytes = 0;
    }
    appendFileSync(path, `${line}\n`, { mode: 0o600 });
    bytes += line.length + 1;
    const short = shortForm(line);
    if (short !== undefined) {
      toTerminal(`${name}: ${short}`);
    }
  };
}

/** The message of a pino line at warn or above; a line that is no JSON is shown as it is. */
function shortForm(line: string): string | undefined {
  try {
    const entry = JSON.parse(line) as { level?: number; msg?: string; err?: { message?: string } };
    if ((entry.level ?? 0) < LEVEL_WARN) {
      return undefined;
    }
    return [entry.msg, entry.err?.message].filter(Boolean).join(": ");
  } catch {
    return line;
  }
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}
