/** One event of an SSE stream, its data parsed. */
export interface ReceivedEvent {
  readonly id: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
  /** When it was read, on this process's monotonic clock. */
  readonly atMs: number;
}

/** The events of an SSE answer as they come, until it ends. */
export async function* readEvents(response: Response): AsyncGenerator<ReceivedEvent, void, void> {
  if (response.body === null) {
    return;
  }
  let rest = "";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const frames = (rest + chunk).split("\n\n");
    rest = frames.pop() ?? "";
    for (const frame of frames) {
      const event = parseFrame(frame);
      if (event !== undefined) {
        yield event;
      }
    }
  }
}

/** Comments and frames without data are no events. */
function parseFrame(frame: string): ReceivedEvent | undefined {
  const fields = new Map<string, string>();
  for (const line of frame.split("\n")) {
    const at = line.indexOf(":");
    if (at > 0) {
      fields.set(line.slice(0, at), line.slice(at + 1).trimStart());
    }
  }
  const data = fields.get("data");
  return data === undefined
    ? undefined
    : {
        id: fields.get("id") ?? "",
        type: fields.get("event") ?? "message",
        data: JSON.parse(data),
        atMs: performance.now(),
      };
}
