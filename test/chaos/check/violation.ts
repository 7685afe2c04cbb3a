export interface Violation {
  readonly invariant:
    | "lost"
    | "overlap"
    | "order"
    | "repeated"
    | "undone"
    | "cancelled"
    | "failed"
    | "orphan"
    | "stream-repeated"
    | "stream-order"
    | "stream-missed"
    | "stream-invented"
    | "stream-text";
  readonly what: string;
}
