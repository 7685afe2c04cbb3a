/** A Redis of our own for one machine. */
export interface EmbeddedRedis {
  readonly url: string;
  /** Name and version, for people: `redis-server 7.0.15`. */
  readonly engine: string;
  /** Where it came from: this machine, a package fetched into the data directory, or npm. */
  readonly origin: "installed" | "fetched" | "in-memory";
  /** False: everything is gone when it ends. */
  readonly durable: boolean;
  /** The server's own; another one after it was started again. */
  readonly pid: number;
  /** SIGTERM (it writes its files), then SIGKILL after 5 s. Idempotent. */
  stop(): Promise<void>;
}
