/** One way of doing the same thing, running and ready to be asked. */
export interface Arm<S> {
  readonly name: string;
  /** Does it once and tells how it went. */
  sample(): Promise<S>;
  stop(): Promise<void>;
}
