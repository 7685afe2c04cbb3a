/** Something that runs until it is told to end. `main.ts` of every app starts exactly one. */
export interface Service {
  /** Resolves when it is ready to work. */
  start(): Promise<void>;
  /** Takes nothing new, finishes what runs. */
  drain(): Promise<void>;
  /** Ends now. Called after `drain`, or instead of it. Idempotent. */
  stop(): Promise<void>;
  /** Where it listens, once started; told to the parent. */
  url?(): string;
}
