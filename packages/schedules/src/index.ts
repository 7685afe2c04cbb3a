export { type Calendar, calendarOf, type Timing } from "./calendar.ts";
export { findFaults, type ScheduleFault } from "./find-faults.ts";
export { type DuePlan, type PlanInput, type PlannedDue, planDue } from "./plan-due.ts";
