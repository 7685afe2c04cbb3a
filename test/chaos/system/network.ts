import { execFileSync } from "node:child_process";
import { findCommand } from "./find-command.ts";

/** A host's way to the rest: a network namespace of its own, with one cable to ours. */
export interface Network {
  readonly namespace: string;
  /** Our end of the cable, which the host can reach. */
  readonly gateway: string;
  /** Pulls the cable out, and plugs it in again. What was under way is lost silently, as in life. */
  setConnected(connected: boolean): void;
  remove(): void;
}

/** Below 198.18.0.0/15, which is set aside for tests of networks: four addresses for each host. */
const MOST_HOSTS = 16;
const RUNS = 2048;
const IP = findCommand("ip") ?? "ip";
const NAME = /^plchaos(\d+)h\d+$/;

/** @throws Error where this machine or user may not have network namespaces */
export function createNetwork(host: number): Network {
  if (host >= MOST_HOSTS) {
    throw new Error(`at most ${MOST_HOSTS} hosts have networks`);
  }
  const namespace = `plchaos${process.pid}h${host}`;
  // A device's name has at most 15 characters.
  const cable = `plc${process.pid}h${host}`;
  const block = ((process.pid % RUNS) * MOST_HOSTS + host) * 4;
  const address = (last: number) =>
    `198.${18 + (block >> 16)}.${(block >> 8) & 255}.${(block & 255) + last}`;
  const remove = () => {
    ip("netns", "del", namespace);
    // Usually gone with the namespace by now.
    attempt(() => ip("link", "del", `${cable}a`));
  };
  ip("netns", "add", namespace);
  try {
    ip("link", "add", `${cable}a`, "type", "veth", "peer", "name", `${cable}b`);
    ip("link", "set", `${cable}b`, "netns", namespace);
    ip("addr", "add", `${address(1)}/30`, "dev", `${cable}a`);
    ip("link", "set", `${cable}a`, "up");
    ip("-n", namespace, "addr", "add", `${address(2)}/30`, "dev", `${cable}b`);
    ip("-n", namespace, "link", "set", `${cable}b`, "up");
    ip("-n", namespace, "link", "set", "lo", "up");
  } catch (error) {
    remove();
    throw error;
  }
  return {
    namespace,
    gateway: address(1),
    setConnected: (connected) => ip("link", "set", `${cable}a`, connected ? "up" : "down"),
    remove,
  };
}

/** Those of runs that are no more. */
export function removeNetworksOf(isGone: (run: number) => boolean): void {
  attempt(() => {
    for (const line of ip("netns", "list").split("\n")) {
      const [name = ""] = line.split(" ");
      const run = Number(NAME.exec(name)?.[1]);
      if (Number.isInteger(run) && isGone(run)) {
        ip("netns", "del", name);
      }
    }
  });
}

function ip(...args: string[]): string {
  return execFileSync(IP, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // Best effort: there may be no namespaces here at all, or it is gone already.
  }
}
