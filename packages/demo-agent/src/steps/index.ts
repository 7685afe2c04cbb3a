import { exclusive } from "./exclusive.ts";
import { flood } from "./flood.ts";
import { hang } from "./hang.ts";
import { latePermission, lateUpdate } from "./late.ts";
import { ledger } from "./ledger.ts";
import { permission } from "./permission.ts";
import { plan } from "./plan.ts";
import { call, env, error, recall, settings, stderr, words } from "./speech.ts";
import type { Step } from "./step.ts";
import { child, tool } from "./tool.ts";

const crash: Step = async (_, args) => {
  process.stderr.write("demo-agent: crashing as told\n");
  process.exit(Number(args[0] ?? 1));
};

/** What each directive does. `slow`, `chunk-ms` and `stop` are settings of the turn and act elsewhere. */
export const STEPS: Readonly<Record<string, Step>> = {
  call,
  child,
  crash,
  env,
  error,
  exclusive,
  flood,
  hang,
  "late-permission": latePermission,
  "late-update": lateUpdate,
  ledger,
  permission,
  plan,
  recall,
  settings,
  stderr,
  tool,
  words,
};
