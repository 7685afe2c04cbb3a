import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Receiver {
  readonly port: number;
  readonly received: Received[];
  stop(): Promise<void>;
}

/** An endpoint on loopback; `answer` ends what it is asked, or leaves it open. Default: 204. */
export async function startReceiver(
  answer: (response: ServerResponse, received: Received) => void = (response) => {
    response.writeHead(204).end();
  },
  host = "127.0.0.1",
): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const one = {
      path: request.url ?? "",
      headers: request.headers,
      body: await text(request).catch(() => ""),
    };
    received.push(one);
    answer(response, one);
  });
  await new Promise<void>((listening) => server.listen(0, host, listening));
  return {
    port: (server.address() as AddressInfo).port,
    received,
    async stop() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
