import { fork } from "node:child_process";
import { once } from "node:events";
import { withDeadline } from "@pilotlight/lifecycle";
import { favour } from "../favour.ts";
import type { LinkMessage, LinkOpened } from "./link-message.ts";

/** A way to Redis that can be spoiled; see `TcpProxy`. */
export interface Link {
  /** The server's address for whoever uses this way. */
  readonly url: string;
  lose(what: "answers" | "requests"): void;
  blackHole(): void;
  cut(): void;
  heal(): void;
  close(): void;
}

export interface Links {
  open(url: string, host?: string): Promise<Link>;
  stop(): Promise<void>;
}

const OPEN_MS = 10_000;

/** Links have a process of their own: a campaign that is busy reading must not make the network slow. */
export function startLinks(): Links {
  const child = fork(new URL("./links-main.ts", import.meta.url).pathname, [], { execArgv: [] });
  favour(child.pid);
  const waiting = new Map<number, (url: string) => void>();
  let next = 0;
  child.on("message", ({ link, url }: LinkOpened) => waiting.get(link)?.(url));
  const tell = (message: LinkMessage) => child.connected && child.send(message);

  return {
    async open(url, host = "127.0.0.1") {
      const link = next;
      next += 1;
      const opened = new Promise<string>((resolve) => waiting.set(link, resolve));
      tell({ op: "open", link, url, host });
      const here = await withDeadline(opened, OPEN_MS, () => new Error("a link did not open"));
      return {
        url: here,
        lose: (what) => tell({ op: "lose", link, what }),
        blackHole: () => tell({ op: "blackHole", link }),
        cut: () => tell({ op: "cut", link }),
        heal: () => tell({ op: "heal", link }),
        close: () => tell({ op: "close", link }),
      };
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = once(child, "exit");
        child.kill("SIGKILL");
        await gone;
      }
    },
  };
}
