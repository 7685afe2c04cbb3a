import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "@pilotlight/contracts";
import { onTestFinished } from "vitest";
import { createSupervisor } from "../src/up/supervisor.ts";

const program = (name: string) =>
  new URL(`./programs/stand-in-${name}.ts`, import.meta.url).pathname;

/** A supervisor over stand-ins, and what it and they said. */
export function supervise(env: Readonly<Record<string, string>> = {}, workers = 2) {
  const dataDir = mkdtempSync(join(tmpdir(), "pilotlight-up-"));
  const eventsFile = join(dataDir, "events");
  const lines: string[] = [];
  const urls: string[] = [];
  const order: string[] = [];
  const supervisor = createSupervisor({
    config: loadConfig({
      env: {},
      flags: {
        data: { dir: dataDir },
        workers: { count: workers },
        callbacks: { secret_env: "CALLBACK_SECRET" },
      },
    }),
    env: { ...process.env, EVENTS: eventsFile, ...env },
    scripts: { ingress: program("ingress"), board: program("board"), warden: program("warden") },
    onLine: (line) => lines.push(line),
    onReady: (url) => urls.push(url),
    onStopped: async () => {
      order.push(...events().map((event) => `${event.name} ${event.what}`), "redis may go");
    },
  });
  onTestFinished(async () => {
    await supervisor.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  function events() {
    return readText(eventsFile)
      .split("\n")
      .filter(Boolean)
      .map((line) => {
        const [name = "", what = "", pid = ""] = line.split(" ");
        return { name: name.replace("stand-in-", ""), what, pid: Number(pid) };
      });
  }
  return { supervisor, dataDir, lines, urls, order, events };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
