import type { Benchmark, BenchOutcome } from "../benchmark.ts";
import { alone } from "./alone.ts";
import { atOneInstant } from "./at-one-instant.ts";
import { killedWorker } from "./killed-worker.ts";
import { leads } from "./leads.ts";
import { together } from "./together.ts";

export const schedule: Benchmark = {
  name: "schedule",
  title: "scheduled prompts: how late, and how long ahead their sessions are opened",
  async run(context) {
    const parts: BenchOutcome[] = [];
    for (const part of [alone, atOneInstant, leads, together, killedWorker]) {
      parts.push(await part(context));
    }
    const [first] = parts;
    return {
      settings: Object.assign({}, ...parts.map(({ settings }) => settings)),
      arms: parts.flatMap(({ arms }) => arms),
      ratios: parts.flatMap(({ ratios }) => ratios),
      figures: parts.flatMap(({ figures }) => figures),
      violations: parts.flatMap(({ violations }) => violations),
      redis: first?.redis ?? "",
    };
  },
};
