import {
  type ScheduleDefinition,
  type ScheduleState,
  type ScheduleView,
  scheduleRequestSchema,
} from "@pilotlight/contracts";
import { type Calendar, calendarOf } from "@pilotlight/schedules";

/** What is kept of a schedule. */
export interface ScheduleRecord {
  readonly id: string;
  readonly definition: ScheduleDefinition;
  /** As it is stored: the same text is the same definition. */
  readonly text: string;
  readonly version: string;
  readonly anchorMs: number;
  readonly state: ScheduleState;
  readonly pausedReason?: string;
  /** Absent once it is finished. */
  readonly nextMs?: number;
  readonly runs: number;
  readonly failures: number;
  readonly preWarms: ScheduleView["preWarms"];
  readonly createdAt: number;
  readonly updatedAt: number;
}

const PREVIEWED = 5;

/** Undefined where the hash holds no schedule. */
export function decodeSchedule(
  id: string,
  fields: Readonly<Record<string, string>>,
): ScheduleRecord | undefined {
  if (fields.d === undefined || fields.v === undefined) {
    return undefined;
  }
  return {
    id,
    definition: scheduleRequestSchema.parse(JSON.parse(fields.d)),
    text: fields.d,
    version: fields.v,
    anchorMs: Number(fields.a),
    state: fields.st as ScheduleState,
    ...(fields.pr === undefined ? {} : { pausedReason: fields.pr }),
    ...(fields.n === undefined ? {} : { nextMs: Number(fields.n) }),
    runs: Number(fields.r),
    failures: Number(fields.f),
    preWarms: {
      hit: Number(fields.ch ?? 0),
      late: Number(fields.cl ?? 0),
      wasted: Number(fields.cw ?? 0),
      failed: Number(fields.cf ?? 0),
      lost: Number(fields.cx ?? 0),
      ...(fields.we === undefined ? {} : { lastError: fields.we }),
    },
    createdAt: Number(fields.ca),
    updatedAt: Number(fields.ua),
  };
}

export function calendarOfRecord({ id, definition, anchorMs }: ScheduleRecord): Calendar {
  return calendarOf(id, definition, anchorMs);
}

export function viewOf(record: ScheduleRecord): ScheduleView {
  const { id, definition, state, pausedReason, nextMs, runs, failures, preWarms } = record;
  return {
    id,
    definition,
    state,
    ...(pausedReason === undefined ? {} : { pausedReason }),
    ...(nextMs === undefined ? {} : { nextAt: nextMs }),
    next: preview(record),
    runs,
    failures,
    preWarms,
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
    etag: etagOf(record),
  };
}

/** As HTTP has it, quotes included. */
function etagOf({ version }: ScheduleRecord): string {
  return `"${version}"`;
}

function preview(record: ScheduleRecord): number[] {
  const { definition, nextMs, runs } = record;
  const most = Math.min(PREVIEWED, (definition.maxRuns ?? Infinity) - runs);
  const calendar = calendarOfRecord(record);
  const times: number[] = [];
  for (
    let dueMs = nextMs;
    dueMs !== undefined && times.length < most;
    dueMs = calendar.nextAfter(dueMs)
  ) {
    times.push(dueMs);
  }
  return times;
}
