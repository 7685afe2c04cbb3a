/** One process as `/proc/<pid>/stat` shows it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly ppid: number;
  /** Process group and session. */
  readonly pgid: number;
  readonly sid: number;
  /** One letter; `Z` and `X` are dead and only wait to be reaped. */
  readonly state: string;
  /** Clock ticks since boot. */
  readonly startTicks: number;
}

/** Parses the line; `undefined` where it is not one. The command's name may hold spaces and parentheses. */
export function parseProcStat(line: string): ProcessEntry | undefined {
  const nameEnd = line.lastIndexOf(")");
  const fields = line.slice(nameEnd + 2).split(" ");
  const startTicks = Number(fields[19]);
  if (nameEnd < 0 || !Number.isFinite(startTicks)) {
    return undefined;
  }
  return {
    pid: Number.parseInt(line, 10),
    state: fields[0] ?? "X",
    ppid: Number(fields[1]),
    pgid: Number(fields[2]),
    sid: Number(fields[3]),
    startTicks,
  };
}

export function isLive(entry: ProcessEntry): boolean {
  return entry.state !== "Z" && entry.state !== "X";
}
