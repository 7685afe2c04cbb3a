import { tmpdir } from "node:os";
import { spawnAgent } from "../../src/index.ts";
import { agentOf } from "../start-shell.ts";

/** Starts agents whose tools outlive them, until it is killed: `start-many.ts OWNER COUNT`. */
const [owner = "", count = "0"] = process.argv.slice(2);
const script = "trap '' TERM HUP; setsid sleep 300 & (setsid sleep 300 &) ; sleep 300";
process.stdout.write("starting\n");
for (let i = 0; i < Number(count); i += 1) {
  void spawnAgent({
    agent: agentOf("sh", "-c", script),
    cwd: tmpdir(),
    containment: "namespace",
    owner,
  });
}
setTimeout(() => {}, 60_000);
