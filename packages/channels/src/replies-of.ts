type Reply = readonly [error: Error | null, reply: unknown];

/** The replies of an executed pipeline, in order; throws the first error among them. */
export function repliesOf(executed: readonly Reply[] | null): unknown[] {
  return (executed ?? []).map(([error, reply]) => {
    if (error !== null) {
      throw error;
    }
    return reply;
  });
}
