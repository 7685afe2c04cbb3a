import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";

/** A callback whose signature was verified. */
export interface SeenCallback {
  readonly id: string;
  readonly type: string;
  readonly promptId: string;
  readonly channel: string;
  readonly [field: string]: unknown;
}

export interface Endpoint {
  readonly url: string;
  readonly hostAndPort: string;
  /** In the order in which they came, each as often as it came. */
  readonly seen: SeenCallback[];
  /** What it answers from now on; `undefined`: nothing at all. */
  answerWith(status: number | undefined, headers?: Record<string, string>): void;
  stop(): Promise<void>;
}

/** An endpoint on loopback that takes callbacks only where the signature is right. */
export async function startEndpoint(secret: string): Promise<Endpoint> {
  const seen: SeenCallback[] = [];
  let status: number | undefined = 204;
  let headers: Record<string, string> = {};
  const server = createServer(async (request, response) => {
    const body = await text(request).catch(() => "");
    try {
      const given = request.headers as Record<string, string>;
      seen.push(new Webhook(secret).verify(body, given) as SeenCallback);
    } catch (error) {
      seen.push({ id: "", type: `not verified: ${error}`, promptId: "", channel: "" });
    }
    if (status !== undefined) {
      response.writeHead(status, headers).end();
    }
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook?token=hidden`,
    hostAndPort: `127.0.0.1:${port}`,
    seen,
    answerWith(next, with_ = {}) {
      status = next;
      headers = with_;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
