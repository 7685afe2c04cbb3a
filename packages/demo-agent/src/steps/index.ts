import { elicit } from "./elicit.ts";
import { exclusive } from "./exclusive.ts";
import { flood } from "./flood.ts";
import { hang } from "./hang.ts";
import { lateElicit, latePermission, lateUpdate } from "./late.ts";
import { ledger } from "./ledger.ts";
import { permission, permissions } from "./permission.ts";
import { plan } from "./plan.ts";
import { call, env, error, recall, settings, stderr, words } from "./speech.ts";
import type { Step } from "./step.ts";
import { child, tool } from "./tool.ts";
import { withdraw } from "./withdraw.ts";

const crash: Step = async (_, args) => {
  process.stderr.write("demo-agent: crashing as told\n");
  process.exit(Number(args[0] ?? 1));
};

/** What each directive does. `slow`, `chunk-ms`, `stop` and `mute` are settings of the turn and act elsewhere. */
export const STEPS: Readonly<Record<string, Step>> = {
  call,
  child,
  crash,
  elicit,
  env,
  error,
  exclusive,
  flood,
  hang,
  "late-elicit": lateElicit,
  "late-permission": latePermission,
  "late-update": lateUpdate,
  ledger,
  permission,
  permissions,
  plan,
  recall,
  settings,
  stderr,
  tool,
  withdraw,
  words,
};
