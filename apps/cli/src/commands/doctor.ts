import { loadConfig } from "@pilotlight/contracts";
import { Command } from "commander";
import { agentFindings } from "../doctor/agent-findings.ts";
import { dataDirFinding } from "../doctor/data-dir-finding.ts";
import { keyFinding } from "../doctor/key-finding.ts";
import { nodeFinding } from "../doctor/node-finding.ts";
import { portFinding } from "../doctor/port-finding.ts";
import { protectionFindings } from "../doctor/protection-findings.ts";
import { redisFindings } from "../doctor/redis-findings.ts";
import { EXIT } from "../exit-codes.ts";

interface DoctorOptions {
  readonly config?: string;
  readonly dataDir?: string;
  readonly json?: boolean;
}

export function doctorCommand(): Command {
  return new Command("doctor")
    .description(
      "what is wrong on this machine, and how to mend it; exits with 1 where something is",
    )
    .option("--config <file>", "configuration file")
    .option("--data-dir <dir>", "the data directory")
    .option("--json", "print JSON")
    .action(doctor);
}

async function doctor(options: DoctorOptions): Promise<void> {
  const config = loadConfig({
    env: process.env,
    ...(options.config === undefined ? {} : { file: options.config }),
    flags: { data: { dir: options.dataDir } },
  });
  const findings = [
    nodeFinding(),
    ...(await redisFindings(config)),
    dataDirFinding(config),
    keyFinding(config),
    await portFinding(config),
    ...(await agentFindings(config)),
    ...(await protectionFindings(config)),
  ];
  process.stdout.write(
    options.json
      ? `${JSON.stringify(findings)}\n`
      : findings
          .map(({ what, level, detail }) => `${level.padEnd(5)} ${what}: ${detail}\n`)
          .join(""),
  );
  if (findings.some((finding) => finding.level === "fail")) {
    process.exitCode = EXIT.failed;
  }
}
