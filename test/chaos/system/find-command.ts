import { accessSync, constants } from "node:fs";
import { join } from "node:path";

/** Where a program is on our PATH. */
export function findCommand(name: string): string | undefined {
  return (process.env.PATH ?? "")
    .split(":")
    .map((dir) => join(dir, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false; // not in this one
      }
    });
}
