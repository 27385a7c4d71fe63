import type { JSX } from 'preact';
import { link } from '../shell/router.js';

interface Freshness {
  readonly isStale: boolean;
  readonly staleReason: string | null;
}

/** Why numbers on the page are stale, each reason once; nothing where all are fresh. */
export function StaleNotice({
  freshness,
}: {
  readonly freshness: readonly (Freshness | null | undefined)[];
}): JSX.Element {
  const reasons = new Set(
    freshness.flatMap((of) => (of?.isStale ? [of.staleReason ?? 'Days are pending.'] : [])),
  );
  return (
    <div role="status" class="stale-notice-place">
      {reasons.size > 0 && (
        <div class="notice stale-notice">
          <p>
            <strong>Stale numbers.</strong> Those marked{' '}
            <span class="stale-mark" aria-hidden="true" /> may change with the next refresh.{' '}
            <a href={link('aggregates')}>See what is pending</a>
          </p>
          <ul>
            {[...reasons].map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
