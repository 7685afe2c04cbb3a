/** A frame of an SSE stream, as it came. */
export interface EventFrame {
  readonly id?: string;
  readonly type: string;
  /** Absent where the frame only moves the reader's place. */
  readonly data?: string;
}

/** A reading of SSE that owes nothing to the product's own client. Ends with the answer. */
export async function* eventFrames(
  body: NonNullable<Response["body"]>,
): AsyncGenerator<EventFrame, void, void> {
  let rest = "";
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const frames = (rest + chunk).split("\n\n");
    rest = frames.pop() ?? "";
    for (const frame of frames) {
      const fields = new Map<string, string>();
      for (const line of frame.split("\n")) {
        const [, name, value] = /^([a-z]+): ?(.*)$/.exec(line) ?? [];
        if (name !== undefined && value !== undefined) {
          fields.set(name, value);
        }
      }
      const [id, data] = [fields.get("id"), fields.get("data")];
      if (id !== undefined || data !== undefined) {
        yield {
          type: fields.get("event") ?? "message",
          ...(id === undefined ? {} : { id }),
          ...(data === undefined ? {} : { data }),
        };
      }
    }
  }
}
