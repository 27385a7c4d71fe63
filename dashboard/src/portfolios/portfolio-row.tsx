import type { JSX } from 'preact';
import type { PortfolioNode, RollingWindow } from '../../../client/src/index.js';
import { formatDay } from '../format/days.js';
import { METRICS, WINDOW_NAMES, WINDOWS } from '../format/metrics.js';
import { formatNumber } from '../format/numbers.js';
import { counted } from '../format/times.js';
import { StaleMark } from '../freshness/stale-mark.js';
import type { CellFragment } from '../generated/operations.js';
import { link } from '../shell/router.js';
import { valueOf, type CellMetric } from './cell-metrics.js';
import type { Row } from './portfolio-list.js';
import type { SparklineValues } from './sparkline-store.js';
import { Sparkline } from './sparkline.js';

export interface PortfolioRowProps {
  readonly portfolio: PortfolioNode;
  /** From 1, the header being the first. */
  readonly rowIndex: number;
  readonly row: Row | undefined;
  readonly metric: CellMetric;
  readonly sparklines: Readonly<Record<RollingWindow, SparklineValues>> | undefined;
  /** The day of each column; a number of another day shows its own. */
  readonly columnDays: Readonly<Record<RollingWindow, string | null>>;
}

export function PortfolioRow({
  portfolio: { id, name, code, baseCurrency, benchmarkId },
  rowIndex,
  row,
  metric,
  sparklines,
  columnDays,
}: PortfolioRowProps): JSX.Element {
  return (
    <tr aria-rowindex={rowIndex}>
      <th scope="row">
        <a href={link(`portfolio/${id}`)}>{name}</a>
        <span class="quiet">
          {code && `${code} · `}
          {baseCurrency}
          {benchmarkId && ` · against ${benchmarkId}`}
        </span>
      </th>
      {WINDOW_NAMES.map((window) => (
        <td key={window} data-window={WINDOWS[window].short}>
          <Sparkline values={sparklines?.[window]} />
          {row ? (
            <Cell cell={row[window]} metric={metric} columnDay={columnDays[window]} />
          ) : (
            <span class="placeholder" aria-label="loading" />
          )}
        </td>
      ))}
    </tr>
  );
}

function Cell({
  cell,
  metric,
  columnDay,
}: {
  readonly cell: CellFragment | null;
  readonly metric: CellMetric;
  readonly columnDay: string | null;
}): JSX.Element {
  if (!cell)
    return (
      <span class="quiet" title="No rows in this window">
        –
      </span>
    );
  const { asOf, observations, freshness } = cell;
  return (
    <span class="number" title={`As of ${formatDay(asOf)}, ${counted(observations, 'return')}`}>
      {freshness.isStale && <StaleMark reason={freshness.staleReason} />}
      {formatNumber(valueOf(cell, metric), METRICS[metric].unit)}
      {asOf !== columnDay && <span class="own-day">{formatDay(asOf)}</span>}
    </span>
  );
}
