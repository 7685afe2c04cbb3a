import { Command } from "commander";
import { answerCommand } from "./commands/answer.ts";
import { cancelCommand } from "./commands/cancel.ts";
import { channelCommand } from "./commands/channel.ts";
import { channelsCommand } from "./commands/channels.ts";
import { decideCommand } from "./commands/decide.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { grantsCommand } from "./commands/grants.ts";
import { healthCommand } from "./commands/health.ts";
import { historyCommand } from "./commands/history.ts";
import { keyCommand } from "./commands/key.ts";
import { permissionsCommand } from "./commands/permissions.ts";
import { promptCommand } from "./commands/prompt.ts";
import { psCommand } from "./commands/ps.ts";
import { scheduleCommand } from "./commands/schedule.ts";
import { tailCommand } from "./commands/tail.ts";
import { upCommand } from "./commands/up.ts";
import { coolCommand, resetCommand, warmCommand } from "./commands/warm.ts";

const COMMANDS = [
  upCommand,
  promptCommand,
  tailCommand,
  historyCommand,
  psCommand,
  healthCommand,
  warmCommand,
  coolCommand,
  resetCommand,
  channelsCommand,
  channelCommand,
  permissionsCommand,
  answerCommand,
  grantsCommand,
  cancelCommand,
  decideCommand,
  scheduleCommand,
  keyCommand,
  doctorCommand,
];

/** The `pilotlight` command. */
export function createProgram(): Command {
  const program = new Command("pilotlight")
    .description("A durable prompt queue in front of warm coding agents.")
    .version("0.1.0")
    .exitOverride()
    .showHelpAfterError("(see --help)");
  for (const make of COMMANDS) {
    program.addCommand(make().exitOverride());
  }
  return program;
}
