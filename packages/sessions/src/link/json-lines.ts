/** Lets only lines through that can be a JSON object, and keeps count of the others. */
export interface JsonLines {
  /** What is left of the chunk, in pieces. */
  filter(chunk: Uint8Array): readonly Uint8Array[];
  /** Lines that were left out so far. */
  readonly dropped: number;
  /** The beginning of the first of them. */
  readonly sample: string;
}

const NEWLINE = 0x0a;
const BRACE = 0x7b;
const SAMPLE_BYTES = 200;

/**
 * Programs print banners and warnings to stdout, where only the protocol belongs. Passed on, each such line
 * would be answered with an error that the agent did not ask for. Keeps no line, however long.
 */
export function createJsonLines(): JsonLines {
  // Whether the current line goes through; undecided until its first character that is not blank.
  let passing: boolean | undefined;
  let dropped = 0;
  let sample = "";

  function drop(piece: Uint8Array, isStart: boolean): void {
    if (isStart) {
      dropped += 1;
    }
    if (dropped === 1 && sample.length < SAMPLE_BYTES) {
      sample = (sample + Buffer.from(piece).toString("utf8")).slice(0, SAMPLE_BYTES).trimEnd();
    }
  }

  return {
    filter(chunk) {
      // From and to, in bytes; one for all lines that go through side by side.
      const kept: [number, number][] = [];
      for (let start = 0; start < chunk.byteLength; ) {
        const newline = chunk.indexOf(NEWLINE, start);
        const end = newline < 0 ? chunk.byteLength : newline + 1;
        const piece = chunk.subarray(start, end);
        const isStart = passing === undefined;
        passing ??= decide(piece);
        if (passing === true) {
          const last = kept.at(-1);
          if (last?.[1] === start) {
            last[1] = end;
          } else {
            kept.push([start, end]);
          }
        } else if (passing === false) {
          drop(piece, isStart);
        }
        if (newline >= 0) {
          passing = undefined;
        }
        start = end;
      }
      return kept.map(([from, to]) => chunk.subarray(from, to));
    },
    get dropped() {
      return dropped;
    },
    get sample() {
      return sample;
    },
  };
}

function decide(piece: Uint8Array): boolean | undefined {
  const first = piece.find((byte) => byte !== 0x20 && (byte < 0x09 || byte > 0x0d));
  return first === undefined ? undefined : first === BRACE;
}
