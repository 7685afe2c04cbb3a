import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import {
  callTool,
  lastUserText,
  type ModelRequest,
  type ModelScript,
  type RunningPilotlight,
  say,
  toolResults,
} from "@pilotlight/testkit";

/** A model that calls the tool that a prompt asks for, then tells how it went. */
export const toolScript: ModelScript = (request) => {
  const [result] = toolResults(request);
  if (result !== undefined) {
    return say(result.is_error === true ? "It was refused." : "It is done.");
  }
  const prompt = lastUserText(request);
  if (prompt.startsWith("Write")) {
    return callTool("Write", {
      file_path: `${workingDirectory(request)}/note.txt`,
      content: "written by the agent",
    });
  }
  return prompt.startsWith("Run")
    ? callTool("Bash", { command: "echo made > made.txt", description: "Make a file" })
    : say("Nothing was asked for.");
};

/** The agent tells the model where it works. */
function workingDirectory(request: ModelRequest): string {
  return /Primary working directory: ([^\s\\]+)/.exec(JSON.stringify(request.messages))?.[1] ?? "";
}

/** Files of this name anywhere below the data directory: workspaces are named by the system. */
export function filesNamed(system: RunningPilotlight, name: string): string[] {
  return readdirSync(system.dataDir, { recursive: true, encoding: "utf8" })
    .map((path) => join(system.dataDir, path))
    .filter((path) => path.endsWith(`/${name}`) && existsSync(path));
}
