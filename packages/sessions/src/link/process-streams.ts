import type { Readable, Writable } from "node:stream";
import type { JsonLines } from "./json-lines.ts";

/** The agent's stdout as a web stream: read only as fast as it is taken, and to its end after it is cancelled. */
export function readLines(stdout: Readable, lines: JsonLines): ReadableStream<Uint8Array> {
  let over = false;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const finish = () => {
        if (!over) {
          over = true;
          controller.close();
        }
      };
      stdout.on("data", (chunk: Buffer) => {
        if (over) {
          return;
        }
        for (const piece of lines.filter(chunk)) {
          controller.enqueue(piece);
        }
        if ((controller.desiredSize ?? 0) <= 0) {
          stdout.pause();
        }
      });
      stdout.on("end", finish);
      stdout.on("close", finish);
      stdout.pause();
    },
    pull() {
      stdout.resume();
    },
    cancel() {
      // An agent that is no longer listened to must not stand still in a write: it has yet to see its stdin end.
      over = true;
      stdout.resume();
    },
  });
}

/** The agent's stdin as a web stream. A write resolves when the pipe took it. Closing it does not end stdin. */
export function writeLines(stdin: Writable): WritableStream<Uint8Array> {
  return new WritableStream<Uint8Array>({
    write(chunk) {
      return new Promise((resolve, reject) => {
        stdin.write(chunk, (error) => (error ? reject(error) : resolve()));
      });
    },
  });
}
