import { statSync } from "node:fs";
import { join } from "node:path";
import { findAgent } from "@pilotlight/agents";
import { loadConfig, type PilotlightConfig } from "@pilotlight/contracts";
import { checkServer, connectRedis, findServer, whenReady } from "@pilotlight/redis";
import { Command } from "commander";
import { EXIT } from "../exit-codes.ts";
import { freePort } from "../up/free-port.ts";

interface Finding {
  readonly what: string;
  readonly level: "ok" | "warn" | "fail";
  readonly detail: string;
}

export function doctorCommand(): Command {
  return new Command("doctor")
    .description("what is wrong on this machine, and how to mend it")
    .option("--config <file>", "configuration file")
    .option("--data-dir <dir>", "the data directory")
    .option("--json", "print JSON")
    .action(async (options: { config?: string; dataDir?: string; json?: boolean }) => {
      const config = loadConfig({
        env: process.env,
        ...(options.config === undefined ? {} : { file: options.config }),
        flags: { data: { dir: options.dataDir } },
      });
      const findings = [
        nodeFinding(),
        ...(await redisFindings(config)),
        keyFinding(config),
        await portFinding(config),
        ...agentFindings(config),
      ];
      for (const { what, level, detail } of options.json ? [] : findings) {
        process.stdout.write(`${level.padEnd(5)} ${what}: ${detail}\n`);
      }
      if (options.json) {
        process.stdout.write(`${JSON.stringify(findings)}\n`);
      }
      if (findings.some((finding) => finding.level === "fail")) {
        process.exitCode = EXIT.failed;
      }
    });
}

function nodeFinding(): Finding {
  const major = Number(process.versions.node.split(".")[0]);
  return major >= 24
    ? { what: "node", level: "ok", detail: process.version }
    : {
        what: "node",
        level: "fail",
        detail: `${process.version} is too old; run through npm scripts or npx after "npm ci"`,
      };
}

async function redisFindings(config: PilotlightConfig): Promise<Finding[]> {
  const { url } = config.redis;
  if (url === undefined) {
    const server = await findServer(process.env.PATH ?? "");
    return [
      server === undefined
        ? {
            what: "redis",
            level: "warn",
            detail:
              "no server is installed: one is fetched at the first start, or an in-memory one is used; install redis-server or set REDIS_URL",
          }
        : { what: "redis", level: "ok", detail: `${server.engine} would run embedded` },
    ];
  }
  const redis = connectRedis({ url, name: "doctor" });
  try {
    await whenReady(redis, 5000);
    const { version, faults, warnings } = await checkServer(redis);
    return [
      { what: "redis", level: "ok", detail: `reached, version ${version}` },
      ...faults.map((detail): Finding => ({ what: "redis", level: "fail", detail })),
      ...warnings.map((detail): Finding => ({ what: "redis", level: "warn", detail })),
    ];
  } catch (error) {
    return [{ what: "redis", level: "fail", detail: error instanceof Error ? error.message : "" }];
  } finally {
    redis.disconnect();
  }
}

function keyFinding(config: PilotlightConfig): Finding {
  const path = join(config.dataDir, "api-key");
  try {
    const mode = statSync(path).mode & 0o777;
    return (mode & 0o077) === 0
      ? { what: "api key", level: "ok", detail: path }
      : {
          what: "api key",
          level: "fail",
          detail: `${path} can be read by others; run: chmod 600 ${path}`,
        };
  } catch {
    return { what: "api key", level: "warn", detail: `${path} is made at the first start` };
  }
}

async function portFinding(config: PilotlightConfig): Promise<Finding> {
  const { host, port } = config.http;
  try {
    await freePort(host, port);
    return { what: "port", level: "ok", detail: `${host}:${port} is free` };
  } catch {
    return {
      what: "port",
      level: "warn",
      detail: `${host}:${port} is taken: by a running Pilotlight, or choose another with --port`,
    };
  }
}

function agentFindings(config: PilotlightConfig): Finding[] {
  return Object.values(config.agents).map((agent): Finding => {
    const finding = findAgent(agent);
    const what = `agent ${agent.name}`;
    if (finding.at === "missing") {
      const level = agent.name === config.defaultAgent ? "fail" : "warn";
      return { what, level, detail: finding.reason };
    }
    const where =
      finding.at === "ready" ? "found" : `npx would fetch ${finding.package} at the first start`;
    const keys = agent.env.filter((name) => /KEY|TOKEN/.test(name));
    const lacks = keys.length > 0 && keys.every((name) => !process.env[name]);
    return lacks
      ? { what, level: "warn", detail: `${where}, but none of ${keys.join(", ")} is set` }
      : { what, level: "ok", detail: where };
  });
}
