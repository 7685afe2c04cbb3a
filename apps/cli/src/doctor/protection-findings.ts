import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { Finding } from "./finding.ts";

/** What this machine offers against processes that outlive or exceed their purpose. */
export function protectionFindings(): Finding[] {
  return [userFinding(), setprivFinding(), sandboxFinding()];
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

function sandboxFinding(): Finding {
  const found = ["unshare", "bwrap"].filter(isOnPath);
  return {
    what: "sandbox",
    level: "ok",
    detail: `${found.length === 0 ? "neither unshare nor bwrap" : found.join(" and ")} found; agents are started without one`,
  };
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
