/** Supervises a slow service and prints what it hears, until it is killed. */
import { superviseChild } from "../../src/supervise-child.ts";

const child = superviseChild({
  name: "slow-service",
  script: new URL("./slow-service.ts", import.meta.url).pathname,
  env: () => process.env,
  onLine: () => undefined,
});
await child.ready;
process.stdout.write(`child ${child.pid}\n`);
setInterval(() => undefined, 1000);
