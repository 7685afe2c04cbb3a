import { parseArgs } from "node:util";
import { runCampaign } from "./run-campaign.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    prompts: { type: "string", default: "200" },
    faults: { type: "string", default: "10" },
    channels: { type: "string", default: "10" },
    hosts: { type: "string", default: "3" },
  },
});
const number = (name: keyof typeof values) => {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < 0) {
    process.stderr.write(`--${name} must be a whole number\n`);
    process.exit(64);
  }
  return value;
};
const options = {
  seed: number("seed"),
  prompts: number("prompts"),
  faults: number("faults"),
  channels: number("channels"),
  hosts: number("hosts"),
};
const { violations, figures, dir } = await runCampaign({
  ...options,
  progress: (line) => process.stderr.write(`${line}\n`),
});
process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
for (const { invariant, what } of violations) {
  process.stdout.write(`VIOLATION ${invariant}: ${what}\n`);
}
const replay = Object.entries(options)
  .map(([name, value]) => `--${name} ${value}`)
  .join(" ");
process.stdout.write(
  violations.length === 0
    ? "no violation\n"
    : `${violations.length} violations; plan, history and logs are in ${dir}\nreplay: npm run chaos -- ${replay}\n`,
);
process.exit(violations.length === 0 ? 0 : 1);
