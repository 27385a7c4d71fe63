import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { RollingWindow } from '../../../client/src/index.js';
import { isNarrow } from '../controls/media.js';
import { formatDay } from '../format/days.js';
import { WINDOW_NAMES, WINDOWS } from '../format/metrics.js';
import type { CellMetric } from './cell-metrics.js';
import { latestDay, type PortfolioList } from './portfolio-list.js';
import { PortfolioRow } from './portfolio-row.js';
import { sortPortfolios, type SortOrder } from './sort-order.js';
import { SparklineStore } from './sparkline-store.js';
import { useVisibleRows } from './use-visible-rows.js';

/** As the style sheet has them. */
const ROW_HEIGHT = 56;
const NARROW_ROW_HEIGHT = 92;

/** The portfolios of a list, of which only those in sight are in the document. */
export function PortfolioTable({
  list,
  metric,
  order,
  onSort,
}: {
  readonly list: PortfolioList;
  readonly metric: CellMetric;
  readonly order: SortOrder;
  readonly onSort: (by: SortOrder['by']) => void;
}): JSX.Element {
  const rows = list.rows.value;
  const portfolios = useMemo(
    () => sortPortfolios(list.portfolios.value, rows, metric, order),
    [list.portfolios.value, rows, metric, order.by, order.isDescending],
  );
  const rowHeight = isNarrow.value ? NARROW_ROW_HEIGHT : ROW_HEIGHT;
  const scrolled = useRef<HTMLDivElement>(null);
  const { start, end } = useVisibleRows(scrolled, portfolios.length, rowHeight);
  const visible = portfolios.slice(start, end);
  const shown = visible.map(({ id }) => id).join();
  const columnDays = useColumnDays(list).value;
  const store = useMemo(() => new SparklineStore(metric), [list, metric, freshnessKey(list)]);

  useEffect(() => list.show(visible.map(({ id }) => id)), [list, shown]);
  useEffect(() => {
    if (!isNarrow.value) store.show(visible);
  }, [store, shown]);
  useEffect(() => () => store.close(), [store]);

  return (
    <div
      class="scrolled"
      ref={scrolled}
      role="region"
      aria-label="Table of portfolios"
      tabIndex={0}
    >
      <table class="portfolios" aria-rowcount={(list.total.value ?? 0) + 1}>
        <thead>
          <tr aria-rowindex={1}>
            <SortHeader name="Portfolio" by="name" order={order} onSort={onSort} />
            {WINDOW_NAMES.map((window) => (
              <SortHeader
                key={window}
                name={WINDOWS[window].name}
                by={window}
                order={order}
                onSort={onSort}
                note={columnDays[window] ? formatDay(columnDays[window]) : undefined}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          <Spacer height={start * rowHeight} />
          {visible.map((portfolio, index) => (
            <PortfolioRow
              key={portfolio.id}
              portfolio={portfolio}
              rowIndex={start + index + 2}
              row={rows.get(portfolio.id)}
              metric={metric}
              sparklines={store.sparklines.value.get(portfolio.id)}
              columnDays={columnDays}
            />
          ))}
          <Spacer height={(portfolios.length - end) * rowHeight} />
        </tbody>
      </table>
    </div>
  );
}

function useColumnDays(list: PortfolioList) {
  return useComputed(() => {
    const rows = [...list.rows.value.values()];
    const days = WINDOW_NAMES.map((window) => [window, latestDay(rows, window)] as const);
    return Object.fromEntries(days) as Record<RollingWindow, string | null>;
  });
}

/** Changes when a refresh has changed the numbers that are drawn. */
function freshnessKey(list: PortfolioList): string {
  const [row] = list.rows.value.values();
  return row ? WINDOW_NAMES.map((window) => row[window]?.freshness.lastRefresh).join() : '';
}

/** Room for rows that are not in the document. */
function Spacer({ height }: { readonly height: number }): JSX.Element | null {
  return height > 0 ? (
    <tr class="spacer" aria-hidden="true">
      <td colSpan={WINDOW_NAMES.length + 1} style={{ height: `${height}px` }} />
    </tr>
  ) : null;
}

function SortHeader({
  name,
  by,
  order,
  onSort,
  note,
}: {
  readonly name: string;
  readonly by: SortOrder['by'];
  readonly order: SortOrder;
  readonly onSort: (by: SortOrder['by']) => void;
  readonly note?: string | undefined;
}): JSX.Element {
  const direction = order.isDescending ? 'descending' : 'ascending';
  const isSorted = order.by === by;
  return (
    <th scope="col" aria-sort={isSorted ? direction : undefined}>
      <button type="button" class="sort" onClick={() => onSort(by)}>
        {name}
        <span aria-hidden="true">{isSorted ? (order.isDescending ? ' ↓' : ' ↑') : ''}</span>
      </button>
      {note && <span class="quiet">as of {note}</span>}
    </th>
  );
}
