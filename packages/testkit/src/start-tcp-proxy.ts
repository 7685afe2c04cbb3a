import { once } from "node:events";
import { connect, createServer, type NetConnectOpts, type Socket } from "node:net";

/** A proxy in front of a Redis, whose links a test can spoil. */
export interface TcpProxy {
  /** The address of the proxied server, with its password. */
  readonly url: string;
  /** Connections that are open now. */
  connections(): number;
  /** All that were ever accepted. */
  accepted(): number;
  /** Delays everything, each way; both directions keep their order. */
  delay(ms: number): void;
  /** From now on nothing arrives anywhere: old connections are silent, new ones are accepted and silent. */
  blackHole(): void;
  /** Connections of now go silent for ever, as after a NAT that forgot them; new ones work. */
  silenceOpen(): void;
  /** Connections of now are reset. */
  cut(): void;
  /** New connections go to another server: what a failover behind one address looks like. */
  retarget(url: string): void;
  /** New connections work again; those that fell silent stay so. */
  heal(): void;
  stop(): Promise<void>;
}

interface Link {
  readonly client: Socket;
  readonly server: Socket;
  silent: boolean;
}

/** Listens on loopback. `url` is `redis://...` or `unix://...`. */
export async function startTcpProxy(url: string): Promise<TcpProxy> {
  const { userInfo } = targetOf(url);
  let { address: target } = targetOf(url);
  const links = new Set<Link>();
  let delayMs = 0;
  let swallowing = false;
  let accepted = 0;

  const listener = createServer({ noDelay: true }, (client) => {
    const server = connect(target);
    const link: Link = { client, server, silent: swallowing };
    links.add(link);
    accepted += 1;
    server.setNoDelay(true);
    pass(link, client, server);
    pass(link, server, client);
    for (const socket of [client, server]) {
      socket.on("error", () => undefined);
      socket.on("close", () => {
        // The end of one side does not get through a silent link.
        if (!link.silent || socket === client) {
          client.destroy();
          server.destroy();
          links.delete(link);
        }
      });
    }
  });

  function pass(link: Link, from: Socket, to: Socket): void {
    from.on("data", (chunk) => {
      if (link.silent) {
        return;
      }
      if (delayMs === 0) {
        to.write(chunk);
      } else {
        setTimeout(() => link.silent || to.write(chunk), delayMs);
      }
    });
  }

  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const silenceOpen = () => {
    for (const link of links) {
      link.silent = true;
    }
  };
  const cut = () => {
    for (const { client, server } of links) {
      client.resetAndDestroy();
      server.destroy();
    }
  };

  return {
    url: `redis://${userInfo}127.0.0.1:${port}`,
    connections: () => links.size,
    accepted: () => accepted,
    delay: (ms) => {
      delayMs = ms;
    },
    blackHole: () => {
      swallowing = true;
      silenceOpen();
    },
    silenceOpen,
    cut,
    retarget: (next) => {
      target = targetOf(next).address;
    },
    heal: () => {
      swallowing = false;
    },
    async stop() {
      const closed = once(listener, "close");
      listener.close();
      cut();
      await closed;
    },
  };
}

function targetOf(url: string): { address: NetConnectOpts; userInfo: string } {
  const { protocol, hostname, port, pathname, searchParams, username, password } = new URL(url);
  if (protocol === "unix:") {
    const secret = searchParams.get("password");
    return {
      address: { path: decodeURIComponent(pathname) },
      userInfo: secret === null ? "" : `:${encodeURIComponent(secret)}@`,
    };
  }
  return {
    address: { host: hostname, port: Number(port || 6379) },
    userInfo: password === "" ? "" : `${username}:${password}@`,
  };
}
