/** One thing that `doctor` looked at; `detail` of a warn or fail says how to mend it. */
export interface Finding {
  readonly what: string;
  readonly level: "ok" | "warn" | "fail";
  readonly detail: string;
}
