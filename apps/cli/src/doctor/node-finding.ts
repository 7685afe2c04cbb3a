import type { Finding } from "./finding.ts";

export function nodeFinding(): Finding {
  const major = Number(process.versions.node.split(".")[0]);
  return major >= 24
    ? { what: "node", level: "ok", detail: process.version }
    : {
        what: "node",
        level: "fail",
        detail: `${process.version} is too old; run "npm ci" and then through npx or npm scripts`,
      };
}
