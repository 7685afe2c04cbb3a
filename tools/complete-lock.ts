/**
 * Adds to package-lock.json the optional platform packages that a registry did not have when it was written. Without
 * them `npm ci` refuses the lock on every machine, also on those that never need them. Run after each `npm install`.
 */
import { readFileSync, writeFileSync } from "node:fs";

interface LockEntry {
  readonly version: string;
  readonly dev?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const OSES = [
  "android",
  "darwin",
  "linux",
  "freebsd",
  "openbsd",
  "netbsd",
  "openharmony",
  "sunos",
  "win32",
  "aix",
];
const CPUS = [
  "arm64",
  "x64",
  "ia32",
  "arm",
  "ppc64",
  "riscv64",
  "s390x",
  "loong64",
  "mips64el",
  "wasm32",
];

const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8")) as { packages: Record<string, LockEntry> };
const added: string[] = [];

for (const [place, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const isExact = /^\d+\.\d+\.\d+/.test(version);
    const isKnown =
      `node_modules/${name}` in lock.packages || `${place}/node_modules/${name}` in lock.packages;
    const os = OSES.find((each) => name.includes(each));
    const cpu = CPUS.find((each) => name.includes(each));
    if (isExact && !isKnown && os !== undefined && cpu !== undefined) {
      lock.packages[`node_modules/${name}`] = {
        version,
        ...(entry.dev === true ? { dev: true } : {}),
        ...{ cpu: [cpu], os: [os], optional: true },
        ...(name.endsWith("musl") || name.includes("musl") ? { libc: ["musl"] } : {}),
      } as LockEntry;
      added.push(name);
    }
  }
}
lock.packages = Object.fromEntries(
  Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)),
);
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`added ${added.length} optional entries\n`);
