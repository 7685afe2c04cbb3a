import { type Question, questionSchema } from "@pilotlight/contracts";

type Changing =
  | "state"
  | "askedAt"
  | "expiresAt"
  | "closedAt"
  | "given"
  | "applied"
  | "supersededBy";
type Shown<Q> = Q extends unknown ? Omit<Q, Changing> : never;

/** What of a question is the same from when it is asked. */
export type ShownQuestion = Shown<Question>;

/** The hash of one question, decoded and checked; undefined where there is none. */
export function decodeQuestion(fields: Readonly<Record<string, string>>): Question | undefined {
  const { d, st, at, x, ca, an, ap, sb } = fields;
  if (d === undefined || st === undefined) {
    return undefined;
  }
  return questionSchema.parse({
    ...JSON.parse(d),
    state: st,
    askedAt: Number(at),
    expiresAt: Number(x),
    ...(ca === undefined ? {} : { closedAt: Number(ca) }),
    ...(an === undefined ? {} : { given: JSON.parse(an) }),
    ...(ap === undefined ? {} : { applied: true }),
    ...(sb === undefined ? {} : { supersededBy: sb }),
  });
}
