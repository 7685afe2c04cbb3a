/** The end of a byte stream, of which no more than `maxBytes` are kept. */
export interface OutputRing {
  push(chunk: Buffer): void;
  /** What is kept, as text. */
  text(): string;
}

/** More pieces than this are joined: many small ones would cost more than their bytes. */
const MAX_PIECES = 32;

export function createOutputRing(maxBytes: number): OutputRing {
  let pieces: Buffer[] = [];
  let size = 0;

  return {
    push(chunk) {
      pieces.push(chunk);
      size += chunk.byteLength;
      if (size > maxBytes || pieces.length > MAX_PIECES) {
        const joined = Buffer.concat(pieces);
        // A copy of its own: a slice would keep everything that was joined.
        pieces = [Buffer.from(joined.subarray(Math.max(0, joined.byteLength - maxBytes)))];
        size = pieces[0]?.byteLength ?? 0;
      }
    },
    text: () => Buffer.concat(pieces).toString("utf8"),
  };
}
