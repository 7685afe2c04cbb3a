import { accessSync, closeSync, constants, openSync, readSync, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";

/** The file that a command names: a path as it is, a name looked up in `path`. Undefined where there is none. */
export function findCommand(
  command: string,
  path: string | undefined,
  cwd: string,
): string | undefined {
  if (command.includes("/")) {
    const file = resolve(cwd, command);
    return isFile(file) ? file : undefined;
  }
  const files = (path ?? "").split(delimiter).map((dir) => join(dir, command));
  return files.find((file) => isFile(file) && isExecutable(file)) ?? files.find(isFile);
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether the kernel here can run the file: a script that names its interpreter, or a program for this machine. */
export function isForThisMachine(file: string): boolean {
  const head = headOf(file);
  if (head.subarray(0, 2).toString("latin1") === "#!") {
    return true;
  }
  return isElf(head) && isElf(OWN_HEAD)
    ? head.readUInt16LE(ELF_MACHINE) === OWN_HEAD.readUInt16LE(ELF_MACHINE)
    : isElf(head) === isElf(OWN_HEAD);
}

const HEAD_BYTES = 20;
const ELF_MACHINE = 18;
const OWN_HEAD = headOf(process.execPath);

function isElf(head: Buffer): boolean {
  return head.length === HEAD_BYTES && head.subarray(0, 4).toString("latin1") === "\x7fELF";
}

function headOf(file: string): Buffer {
  try {
    const fd = openSync(file, "r");
    try {
      const head = Buffer.alloc(HEAD_BYTES);
      return head.subarray(0, readSync(fd, head, 0, HEAD_BYTES, 0));
    } finally {
      closeSync(fd);
    }
  } catch {
    return Buffer.alloc(0);
  }
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}
