/** A Redis of our own for one machine. */
export interface EmbeddedRedis {
  readonly url: string;
  /** Name and version, for people: `redis-server 7.0.15`. */
  readonly engine: string;
  /** False: everything is gone when it ends. */
  readonly durable: boolean;
  readonly pid: number;
  /** SIGTERM (it saves), then SIGKILL after 5 s. Idempotent. */
  stop(): Promise<void>;
}
