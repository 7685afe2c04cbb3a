import { parseArgs } from "node:util";
import { isFaultKind } from "./plan/make-plan.ts";
import { runCampaign } from "./run-campaign.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    prompts: { type: "string", default: "200" },
    faults: { type: "string", default: "10" },
    channels: { type: "string", default: "10" },
    hosts: { type: "string", default: "3" },
    only: { type: "string" },
  },
});

function whole(name: Exclude<keyof typeof values, "only">, text: string = values[name]): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) {
    process.stderr.write(`--${name} must be a whole number\n`);
    process.exit(64);
  }
  return value;
}

const options = {
  prompts: whole("prompts"),
  faults: whole("faults"),
  channels: whole("channels"),
  hosts: whole("hosts"),
};
const only = values.only?.split(",");
const unknown = only?.find((kind) => !isFaultKind(kind));
if (unknown !== undefined) {
  process.stderr.write(`--only ${unknown} is no kind of fault\n`);
  process.exit(64);
}
const replay = Object.entries(options).map(([name, value]) => `--${name} ${value}`);
if (values.only !== undefined) {
  replay.push(`--only ${values.only}`);
}
let violated = 0;
// One seed after the other: side by side they would only hold each other up.
for (const seed of values.seed.split(",").map((text) => whole("seed", text))) {
  const { violations, figures, dir } = await runCampaign({
    ...options,
    seed,
    ...(only === undefined ? {} : { only: only.filter(isFaultKind) }),
    progress: (line) => process.stderr.write(`${line}\n`),
  });
  process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
  for (const { invariant, what } of violations) {
    process.stdout.write(`VIOLATION ${invariant}: ${what}\n`);
  }
  process.stdout.write(
    violations.length === 0
      ? "no violation\n"
      : `${violations.length} violations; plan, history and logs are in ${dir}\nreplay: npm run chaos -- --seed ${seed} ${replay.join(" ")}\n`,
  );
  violated += violations.length;
}
process.exit(violated === 0 ? 0 : 1);
