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
  /**
   * From now on links are half-open, old ones and new ones: what one side says is lost, what the other says arrives.
   * Without `answers` clients are heard and hear nothing; without `requests` the server hears nothing.
   */
  lose(what: "answers" | "requests"): void;
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
  /** What gets lost on it. */
  readonly lost: Set<Direction>;
}

type Direction = "answers" | "requests";

/** Listens on loopback, or on another address of this machine. `url` is `redis://...` or `unix://...`. */
export async function startTcpProxy(url: string, host = "127.0.0.1"): Promise<TcpProxy> {
  const { userInfo } = targetOf(url);
  let { address: target } = targetOf(url);
  const links = new Set<Link>();
  let delayMs = 0;
  const losing = new Set<Direction>();
  let accepted = 0;

  const listener = createServer({ noDelay: true }, (client) => {
    const server = connect(target);
    const link: Link = { client, server, lost: new Set(losing) };
    links.add(link);
    accepted += 1;
    server.setNoDelay(true);
    pass(link, "requests");
    pass(link, "answers");
    for (const socket of [client, server]) {
      socket.on("error", () => undefined);
      socket.on("close", () => {
        // The server's end does not get through where its answers do not.
        if (!link.lost.has("answers") || socket === client) {
          client.destroy();
          server.destroy();
          links.delete(link);
        }
      });
    }
  });

  function pass(link: Link, direction: Direction): void {
    const [from, to] =
      direction === "requests" ? [link.client, link.server] : [link.server, link.client];
    from.on("data", (chunk) => {
      if (link.lost.has(direction)) {
        return;
      }
      if (delayMs === 0) {
        to.write(chunk);
      } else {
        setTimeout(() => link.lost.has(direction) || to.write(chunk), delayMs);
      }
    });
  }

  listener.listen(0, host);
  await once(listener, "listening");
  const address = listener.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const silenceOpen = () => {
    for (const link of links) {
      link.lost.add("answers").add("requests");
    }
  };
  const lose = (direction: Direction) => {
    losing.add(direction);
    for (const link of links) {
      link.lost.add(direction);
    }
  };
  const cut = () => {
    for (const { client, server } of links) {
      client.resetAndDestroy();
      server.destroy();
    }
  };

  return {
    url: `redis://${userInfo}${host}:${port}`,
    connections: () => links.size,
    accepted: () => accepted,
    delay: (ms) => {
      delayMs = ms;
    },
    blackHole: () => {
      lose("answers");
      lose("requests");
    },
    lose,
    silenceOpen,
    cut,
    retarget: (next) => {
      target = targetOf(next).address;
    },
    heal: () => {
      losing.clear();
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
