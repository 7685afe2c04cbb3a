import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";

/** The body of a callback whose signature was verified. */
export interface SeenCallback {
  readonly id: string;
  readonly type: string;
  readonly promptId: string;
  readonly channel: string;
  readonly [field: string]: unknown;
}

export interface CallbackEndpoint {
  readonly url: string;
  readonly hostAndPort: string;
  /** In the order in which they came, each as often as it came; one that was not signed has the type `not verified`. */
  readonly seen: SeenCallback[];
  /** What it answers from now on; `undefined`: nothing at all. First: 204. */
  answerWith(status: number | undefined, headers?: Record<string, string>): void;
  /** Nobody listens there any more, until `comeBack`. */
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * An endpoint on loopback that verifies what it gets with a secret; with a certificate for `localhost` it speaks TLS, and
 * is called by that name.
 */
export async function startCallbackEndpoint(
  secret: string,
  tls?: { readonly key: string; readonly cert: string },
): Promise<CallbackEndpoint> {
  const seen: SeenCallback[] = [];
  let status: number | undefined = 204;
  let headers: Record<string, string> = {};
  const take: RequestListener = async (request, response) => {
    const body = await text(request).catch(() => "");
    try {
      const given = request.headers as Record<string, string>;
      seen.push(new Webhook(secret).verify(body, given) as SeenCallback);
    } catch (error) {
      seen.push({ id: "", type: "not verified", promptId: "", channel: "", why: String(error) });
    }
    if (status !== undefined) {
      response.writeHead(status, headers).end();
    }
  };
  const server = tls === undefined ? createServer(take) : createTlsServer(tls, take);
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(port, "127.0.0.1", () => {
        server.off("error", reject);
        resolve();
      });
    });
  const end = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const hostAndPort = `${tls === undefined ? "127.0.0.1" : "localhost"}:${port}`;
  return {
    url: `${tls === undefined ? "http" : "https"}://${hostAndPort}/hook?token=hidden`,
    hostAndPort,
    seen,
    answerWith(nextStatus, nextHeaders = {}) {
      status = nextStatus;
      headers = nextHeaders;
    },
    goDown: end,
    comeBack: () => listen(port),
    stop: end,
  };
}
