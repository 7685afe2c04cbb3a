import { once } from "node:events";
import { createServer } from "node:net";

/** Below those that the system gives to outgoing connections, and above those that services are known by. */
const LOWEST = 15_000;
const HIGHEST = 32_000;

/**
 * On loopback. Outgoing connections do not get it, so a server that is away for a moment finds its port free again; a
 * cluster's bus port 10,000 above it exists.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    const server = createServer().listen(port, "127.0.0.1");
    try {
      await once(server, "listening");
    } catch {
      continue; // taken
    }
    server.close();
    await once(server, "close");
    return port;
  }
}
