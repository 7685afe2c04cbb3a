/** The Node that runs us runs an agent of ours, from its place in this repository. */
export function ownAgentCommand(name: "demo-agent" | "ollama-agent"): readonly string[] {
  return [process.execPath, new URL(`../../../${name}/src/main.ts`, import.meta.url).pathname];
}
