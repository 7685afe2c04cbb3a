import type { ProcessEntry } from "./parse-proc-stat.ts";
import { readMarker, readProcesses } from "./read-processes.ts";

/** All processes of the machine at one moment. */
export interface Look {
  readonly processes: ReadonlyMap<number, ProcessEntry>;
  /** Of one of them, read when it is first asked for. */
  markerOf(pid: number): string | undefined;
}

let running: Promise<Look> | undefined;
let next: Promise<Look> | undefined;

/**
 * A look that begins after the call. Those who ask while one is under way share the one after it: to end fifty trees costs
 * as many looks as to end one.
 */
export function lookAround(): Promise<Look> {
  if (running === undefined) {
    return begin();
  }
  next ??= running.then(() => {
    next = undefined;
    return begin();
  });
  return next;
}

function begin(): Promise<Look> {
  const look = readProcesses()
    .then((processes) => ({ processes, markerOf: rememberMarkers() }))
    .finally(() => {
      running = undefined;
    });
  running = look;
  return look;
}

function rememberMarkers(): Look["markerOf"] {
  const markers = new Map<number, string | undefined>();
  return (pid) => {
    if (!markers.has(pid)) {
      markers.set(pid, readMarker(pid));
    }
    return markers.get(pid);
  };
}
