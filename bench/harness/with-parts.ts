/** What a measurement starts, and has to end. */
interface Part {
  stop(): Promise<void>;
}

export type Keep = <T extends Part>(part: T) => T;

/** Runs a measurement. However it ends, all that it kept is stopped then, the last one first. */
export async function withParts<R>(measure: (keep: Keep) => Promise<R>): Promise<R> {
  const parts: Part[] = [];
  try {
    return await measure((part) => {
      parts.unshift(part);
      return part;
    });
  } finally {
    for (const part of parts) {
      await part.stop();
    }
  }
}
