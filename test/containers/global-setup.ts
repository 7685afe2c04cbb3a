import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import { whyNoEngine } from "./find-engine.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The image that was built from this tree; empty where no engine can run it. */
    image: string;
  }
}

const IMAGE = "pilotlight-test";
const ROOT = new URL("../../", import.meta.url).pathname;

/** Builds the image as the compose file says. Where there is no engine the tests are skipped, and nobody can overlook it. */
export default async function setup(project: TestProject): Promise<void> {
  const reason = await whyNoEngine();
  if (reason !== undefined) {
    const line = "!".repeat(100);
    process.stderr.write(`${line}\nCONTAINER TESTS ARE SKIPPED: ${reason}\n${line}\n`);
    project.provide("image", "");
    return;
  }
  await promisify(execFile)("docker", ["compose", "build", "ingress"], {
    cwd: ROOT,
    env: { ...process.env, PILOTLIGHT_IMAGE: IMAGE, PILOTLIGHT_API_KEY: "none is needed to build" },
  });
  project.provide("image", IMAGE);
}
