/**
 * A summary of a run of days from which metrics are read, and which can be merged with the
 * summary of the run that follows. Merging is associative, so a window can be put together
 * from parts; nothing is ever subtracted, so nothing drifts. Partials are mutable to keep the
 * sliding window free of allocation.
 */
export interface WindowPartial {
  /** Days that counted. */
  readonly count: number;
  /** Becomes the summary of no days. */
  clear(): void;
  /** Becomes the summary of the days of `earlier` followed by those of `later`. */
  merge(earlier: this, later: this): void;
}
