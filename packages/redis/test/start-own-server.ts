import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";

export interface OwnServer {
  readonly url: string;
  readonly pid: number;
  /** SIGKILL for the process that started the server. */
  killParent(): Promise<void>;
}

/** An embedded server that another process started. */
export async function startOwnServer(env: Readonly<Record<string, string>>): Promise<OwnServer> {
  const program = new URL("./programs/own-server.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [program], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const killParent = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  };
  onTestFinished(killParent);
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  return { ...(JSON.parse(line) as { url: string; pid: number }), killParent };
}
