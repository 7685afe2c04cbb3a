import { readFileSync } from "node:fs";
import type { ChannelPermissions, PermissionPolicy } from "@pilotlight/contracts";
import { type RunningPilotlight, startFakeModel, startPilotlight } from "@pilotlight/testkit";
import { expect, test } from "vitest";
import { ask } from "./ask.ts";
import { claudeConfig } from "./claude-config.ts";
import { filesNamed, toolScript } from "./tool-script.ts";

async function withSystem(
  permissions: PermissionPolicy,
  use: (system: RunningPilotlight) => Promise<void>,
): Promise<void> {
  const model = await startFakeModel(toolScript);
  const system = await startPilotlight({ config: claudeConfig(model.url, permissions) });
  try {
    await use(system);
  } finally {
    await system.stop();
    await model.close();
  }
}

test("where everything is approved, the agent's tools change the workspace", async () => {
  await withSystem("approve-all", async (system) => {
    const written = await ask(system, "tools", "Write the note.");
    expect(written).toMatchObject({ state: "completed", text: "It is done." });
    const [note = "", ...others] = filesNamed(system, "note.txt");
    expect(others).toEqual([]);
    expect(readFileSync(note, "utf8")).toBe("written by the agent");

    const run = await ask(system, "tools", "Run the command.");
    expect(run).toMatchObject({ state: "completed", text: "It is done." });
    expect(filesNamed(system, "made.txt")).toHaveLength(1);
  });
});

test("where everything is denied, nothing is changed and the turn goes on to its answer", async () => {
  await withSystem("deny-all", async (system) => {
    const written = await ask(system, "tools", "Write the note.");
    expect(written).toMatchObject({ state: "completed", text: "It was refused." });
    const run = await ask(system, "tools", "Run the command.");
    expect(run).toMatchObject({ state: "completed", text: "It was refused." });
    expect(filesNamed(system, "note.txt")).toEqual([]);
    expect(filesNamed(system, "made.txt")).toEqual([]);
  });
});

async function setPermissions(system: RunningPilotlight, permissions: ChannelPermissions) {
  const response = await system.fetch("/v1/channels/tools", {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ permissions }),
  });
  expect(response.status).toBe(200);
}

test("rules see what the agent is about to do: its tools, paths and commands", async () => {
  await withSystem("deny-all", async (system) => {
    const allow = [
      { kind: "edit" as const, name: "Write", path: "*.txt" },
      { kind: "execute" as const, name: "Bash", title: "echo made > made.txt" },
    ];
    await setPermissions(system, { allow });
    expect(await ask(system, "tools", "Write the note.")).toMatchObject({ text: "It is done." });
    expect(await ask(system, "tools", "Run the command.")).toMatchObject({ text: "It is done." });

    await setPermissions(system, {
      allow,
      deny: [{ kind: "edit", path: "note.*" }, { title: "echo *" }],
    });
    expect(await ask(system, "tools", "Write the note.")).toMatchObject({
      text: "It was refused.",
    });
    expect(await ask(system, "tools", "Run the command.")).toMatchObject({
      text: "It was refused.",
    });

    await setPermissions(system, { allow: [{ path: "src/**" }, { title: "echo *" }] });
    expect(await ask(system, "tools", "Write the note.")).toMatchObject({
      text: "It was refused.",
    });
    expect(await ask(system, "tools", "Run the command.")).toMatchObject({
      text: "It was refused.",
    });
  });
});
