import type { JSX } from 'preact';
import { connection } from '../api/connection.js';
import { formatClock } from '../format/times.js';

/** When the numbers were last checked; where the server does not respond, that they may be old. */
export function ConnectionState(): JSX.Element | null {
  const { respondedAt, failure } = connection.value;
  if (failure === null) {
    return respondedAt && <span class="checked">Checked {formatClock(respondedAt)}</span>;
  }
  return (
    <span class="checked is-lost" role="alert" title={failure}>
      {respondedAt
        ? `No response since ${formatClock(respondedAt)}: numbers may be old`
        : 'The server does not respond'}
    </span>
  );
}
