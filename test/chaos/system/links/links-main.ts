import { startTcpProxy, type TcpProxy } from "@pilotlight/testkit";
import type { LinkMessage, LinkOpened } from "./link-message.ts";

const links = new Map<number, TcpProxy>();

async function open(link: number, url: string, host: string): Promise<void> {
  const proxy = await startTcpProxy(url, host);
  links.set(link, proxy);
  const opened: LinkOpened = { link, url: proxy.url };
  process.send?.(opened);
}

process.on("message", (message: LinkMessage) => {
  const proxy = links.get(message.link);
  switch (message.op) {
    case "open":
      void open(message.link, message.url, message.host);
      break;
    case "lose":
      proxy?.lose(message.what);
      break;
    case "blackHole":
      proxy?.blackHole();
      break;
    case "cut":
      proxy?.cut();
      break;
    case "heal":
      proxy?.heal();
      break;
    case "close":
      void proxy?.stop();
      links.delete(message.link);
      break;
  }
});
process.once("disconnect", () => process.exit());
