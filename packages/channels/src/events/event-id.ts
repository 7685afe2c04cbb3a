/** Ids are Redis stream ids: `<ms>-<n>`. */
export const EVENT_ID_PATTERN = /^\d{1,16}-\d{1,10}$/;

/** The id before every event. */
export const NO_EVENT_ID = "0-0";

/** Negative where `a` comes before `b`. */
export function compareEventIds(a: string, b: string): number {
  const [aMs, aSeq] = parts(a);
  const [bMs, bSeq] = parts(b);
  return aMs - bMs || aSeq - bSeq;
}

function parts(id: string): [number, number] {
  const dash = id.indexOf("-");
  return [Number(id.slice(0, dash)), Number(id.slice(dash + 1))];
}
