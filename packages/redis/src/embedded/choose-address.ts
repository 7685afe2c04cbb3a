import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";

export interface ServerAddress {
  readonly url: string;
  /** The same for `redis.conf`. */
  readonly lines: readonly string[];
}

/** Socket paths longer than this do not fit into `sockaddr_un` (108 bytes with its end). */
const MOST_SOCKET_PATH_BYTES = 100;

/** A unix socket in a directory of this user, or else a loopback port with a password. */
export async function chooseAddress(directory: string): Promise<ServerAddress> {
  const socket = join(directory, "redis.sock");
  if (Buffer.byteLength(socket) <= MOST_SOCKET_PATH_BYTES) {
    return {
      url: `unix://${encodeURI(socket)}`,
      lines: ["port 0", `unixsocket "${socket}"`, "unixsocketperm 700"],
    };
  }
  const { port, password, url } = await loopbackAddress();
  return { url, lines: ["bind 127.0.0.1", `port ${port}`, `requirepass ${password}`] };
}

export async function loopbackAddress(): Promise<{ port: number; password: string; url: string }> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  const port = address !== null && typeof address === "object" ? address.port : 0;
  const password = randomBytes(24).toString("hex");
  return { port, password, url: `redis://:${password}@127.0.0.1:${port}` };
}
