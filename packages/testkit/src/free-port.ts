import { once } from "node:events";
import { createServer } from "node:net";

/** On loopback; low enough for a cluster's bus port 10,000 above it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    server.close();
    await once(server, "close");
    if (port < 55_000) {
      return port;
    }
  }
}
