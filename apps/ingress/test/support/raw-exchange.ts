import { connect } from "node:net";

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly json: Record<string, unknown>;
}

const DEADLINE_MS = 10_000;

/** Writes the pieces to a socket as they are and reads until the server closes the connection. */
export async function rawExchange(
  port: number,
  ...pieces: readonly (string | Buffer)[]
): Promise<RawAnswer> {
  const received = await new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, "127.0.0.1", () => {
      for (const piece of pieces) {
        socket.write(piece);
      }
    });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`the connection stayed open; received: ${Buffer.concat(chunks)}`));
    }, DEADLINE_MS);
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.once("close", () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks));
    });
    // A server that hung up after its answer is no failure of the exchange.
    socket.on("error", () => undefined);
  });
  return parseAnswer(received.toString("utf8"));
}

function parseAnswer(text: string): RawAnswer {
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [statusLine = "", ...lines] = head.split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const raw = rest.join("\r\n\r\n");
  // Written in one chunk wherever no length is known.
  const body = headers["transfer-encoding"] === "chunked" ? (raw.split("\r\n")[1] ?? "") : raw;
  return {
    status: Number(statusLine.split(" ")[1]),
    headers,
    body,
    json: body.startsWith("{") ? JSON.parse(body) : {},
  };
}
