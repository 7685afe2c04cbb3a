import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";

const REPOSITORY = new URL("../..", import.meta.url).pathname;
const LIBRARIES = ["bullmq", "ioredis", "express", "@agentclientprotocol/sdk"];

/** What a figure was measured with and on: no figure means anything without it. */
export interface RunOrigin {
  readonly commit: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly loadAverage: readonly number[];
}

/** The state of things at this moment. */
export function describeOrigin(): RunOrigin {
  const [first] = cpus();
  return {
    commit: commit(),
    cpu: first?.model ?? "unknown",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    versions: { node: process.version, ...libraryVersions() },
    loadAverage: loadavg().map((load) => Math.round(load * 100) / 100),
  };
}

function commit(): string {
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: REPOSITORY, encoding: "utf8" }).trim();
  const changed = git("status", "--porcelain", "--untracked-files=no") !== "";
  return `${git("rev-parse", "--short=12", "HEAD")}${changed ? " with changes" : ""}`;
}

function libraryVersions(): Record<string, string> {
  const versions: Record<string, string> = {};
  for (const library of LIBRARIES) {
    versions[library] = JSON.parse(
      readFileSync(`${REPOSITORY}/node_modules/${library}/package.json`, "utf8"),
    ).version;
  }
  return versions;
}
