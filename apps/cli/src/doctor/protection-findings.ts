import { accessSync, constants, readlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { canContain, findContainment } from "@pilotlight/agents";
import type { PilotlightConfig } from "@pilotlight/contracts";
import type { Finding } from "./finding.ts";

/** What this machine offers against processes that outlive or exceed their purpose. */
export async function protectionFindings(config: PilotlightConfig): Promise<Finding[]> {
  return [userFinding(), setprivFinding(), await containmentFinding(config)];
}

function userFinding(): Finding {
  return process.getuid?.() === 0
    ? {
        what: "user",
        level: "warn",
        detail: "agents run as root and may do anything; run Pilotlight as a user of its own",
      }
    : { what: "user", level: "ok", detail: "agents run with the rights of this user" };
}

function setprivFinding(): Finding {
  return isOnPath("setpriv")
    ? { what: "setpriv", level: "ok", detail: "an embedded Redis ends with what keeps it" }
    : {
        what: "setpriv",
        level: "warn",
        detail:
          "not found: an embedded Redis whose keeper is killed runs on until the next start; install util-linux",
      };
}

const CONTAINMENT_MEANS = {
  namespace:
    "agents run in pid namespaces: no process of theirs outlives its worker, even if the warden dies too",
  none: "agents that outlive worker and warden are ended by the next warden on this machine",
} as const;
/** The kernel's constant name of the namespace that ends with the machine only. */
const MACHINE_PIDS = "pid:[4026531836]";

async function containmentFinding(config: PilotlightConfig): Promise<Finding> {
  const asked = config.workers.containment;
  const containment = asked === "auto" ? await findContainment() : asked;
  if (!(await canContain(containment))) {
    return {
      what: "containment",
      level: "fail",
      detail: `workers.containment is "${containment}", which does not work here; "auto" takes what does`,
    };
  }
  if (containment === "none" && isInContainer()) {
    return {
      what: "containment",
      level: "ok",
      detail: "none: agents that outlive worker and warden end with this container",
    };
  }
  return {
    what: "containment",
    level: containment === "namespace" ? "ok" : "warn",
    detail: `${containment}: ${CONTAINMENT_MEANS[containment]}`,
  };
}

function isInContainer(): boolean {
  try {
    return readlinkSync("/proc/self/ns/pid") !== MACHINE_PIDS;
  } catch {
    return false; // no /proc: nothing tells
  }
}

function isOnPath(command: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
