/** What a benchmark is given. */
export interface BenchContext {
  /** Fewer samples: shows that it works, proves nothing. */
  readonly quick: boolean;
  readonly random: () => number;
  /** Tells the person who waits how far it is. */
  progress(line: string): void;
}

/** The times of one arm over all blocks that count. */
export interface ArmSummary {
  readonly arm: string;
  readonly metric: string;
  readonly unit: string;
  readonly samples: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** A ratio between two arms of one run, and what it should be at most. */
export interface RatioLine {
  readonly metric: string;
  readonly arm: string;
  readonly base: string;
  readonly quantile: number;
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly atMost?: number;
}

/** A figure that stands for itself: commands, connections, bytes. */
export interface FigureLine {
  readonly what: string;
  readonly arm: string;
  readonly value: number;
  readonly unit: string;
  readonly atMost?: number;
}

export interface BenchOutcome {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly arms: readonly ArmSummary[];
  readonly ratios: readonly RatioLine[];
  readonly figures: readonly FigureLine[];
  /** What was not exact: a prompt unanswered, answered twice, out of order. Any of them voids the run. */
  readonly violations: readonly string[];
  /** The Redis that was measured. */
  readonly redis: string;
}

export interface Benchmark {
  readonly name: string;
  readonly title: string;
  run(context: BenchContext): Promise<BenchOutcome>;
}
