import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { withDeadline } from "@pilotlight/lifecycle";
import { getContainerRuntimeClient, ImageName } from "testcontainers";

const run = promisify(execFile);
const NEEDED_IMAGES = ["node:24-slim", "redis:7"];
const PULL_WITHIN_MS = 120_000;

/** Why nothing can be run in containers here; undefined where it can. Missing images are pulled where that works. */
export async function whyNoEngine(): Promise<string | undefined> {
  try {
    const { image } = await getContainerRuntimeClient();
    for (const name of NEEDED_IMAGES.map((needed) => ImageName.fromString(needed))) {
      if (!(await image.exists(name))) {
        await withDeadline(image.pull(name), PULL_WITHIN_MS, () => new Error("took too long"));
      }
    }
  } catch (error) {
    return `no Docker engine with ${NEEDED_IMAGES.join(" and ")}: ${reasonOf(error)}`;
  }
  try {
    await run("docker", ["compose", "version"]);
    return undefined;
  } catch (error) {
    return `no "docker compose": ${reasonOf(error)}`;
  }
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().split("\n")[0] ?? "";
}
