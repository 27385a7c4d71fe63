import type { JSX } from 'preact';
import type { HealthQuery, HealthStatus } from '../../../client/src/index.js';

const SUMMARIES: Readonly<Record<HealthStatus, string>> = {
  HEALTHY: 'Everything is in order.',
  WARNING: 'Something deserves a look.',
  DEGRADED: 'Something is broken: numbers are missing or may be old.',
};

/** Whether the numbers can be relied on, and if not, why and what to do. */
export function HealthSummary({
  health: { status, issues, warnings },
}: {
  readonly health: HealthQuery['health'];
}): JSX.Element {
  return (
    <section class={`health is-${status.toLowerCase()}`} aria-label="Health">
      <p class="health-status">
        <strong>{status.toLowerCase()}</strong> {SUMMARIES[status]}
      </p>
      {[...issues, ...warnings].length > 0 && (
        <ul>
          {issues.map((sentence) => (
            <li key={sentence} class="issue">
              {sentence}
            </li>
          ))}
          {warnings.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
    </section>
  );
}
