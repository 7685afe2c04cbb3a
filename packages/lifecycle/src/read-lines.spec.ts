import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { readLines } from "./read-lines.ts";

async function linesOf(...chunks: (string | Buffer)[]): Promise<string[]> {
  const stream = new PassThrough();
  const lines: string[] = [];
  readLines(stream, (line) => lines.push(line));
  for (const chunk of chunks) {
    stream.write(chunk);
  }
  stream.end();
  await new Promise((resolve) => stream.once("close", resolve));
  return lines;
}

it("puts lines together that arrive in pieces, and gives the last one without an end", async () => {
  expect(await linesOf("a", "b\nc\n\nd", "e")).toEqual(["ab", "c", "", "de"]);
});

it("keeps a character whole that was cut in two", async () => {
  const bytes = Buffer.from("é\n");
  expect(await linesOf(bytes.subarray(0, 1), bytes.subarray(1))).toEqual(["é"]);
});

it("drops the end of an endless line and goes on with the next", async () => {
  const [long, next] = await linesOf(
    ..."x"
      .repeat(10)
      .split("")
      .map((x) => x.repeat(20_000)),
    "\nnext\n",
  );
  expect(long).toHaveLength(65_536);
  expect(next).toBe("next");
});
