import type { Readable } from "node:stream";

/** What a line may have; the rest of a longer one is dropped. */
const MOST_LINE_CHARS = 65_536;

/** Calls `onLine` for each line of a text stream, the last one too where it has no end. Never holds more than a line. */
export function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    const [first = "", ...others] = chunk.split("\n");
    rest = join(rest, first);
    for (const next of others) {
      onLine(rest);
      rest = join("", next);
    }
  });
  stream.on("end", () => {
    if (rest !== "") {
      onLine(rest);
    }
  });
  // A broken pipe is the end of its process, which is heard of elsewhere.
  stream.on("error", () => undefined);
}

function join(line: string, more: string): string {
  return line.length + more.length <= MOST_LINE_CHARS
    ? line + more
    : (line + more).slice(0, MOST_LINE_CHARS);
}
