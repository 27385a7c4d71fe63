import type { JSX } from 'preact';
import type { ChartCursor } from '../charts/chart-cursor.js';
import { LineChart } from '../charts/line-chart.js';
import { valueAt } from '../charts/value-at.js';
import { MetricTerm } from '../controls/metric-term.js';
import { formatDay } from '../format/days.js';
import { formatNumber } from '../format/numbers.js';
import { StaleMark } from '../freshness/stale-mark.js';
import type { Panel } from './chart-panels.js';
import type { Days } from './period.js';

/** A chart below its name and its values at the cursor. */
export function ChartPanel({
  panel,
  isLast,
  period: { from, to },
  cursor,
  onSelect,
}: {
  readonly panel: Panel;
  /** The days are written below the last one, for all. */
  readonly isLast: boolean;
  readonly period: Days;
  readonly cursor: ChartCursor;
  readonly onSelect: (from: string, to: string) => void;
}): JSX.Element {
  const { metric, name, unit, reference, data, freshness, note } = panel;
  return (
    <section class="panel">
      <header>
        <h3>
          <MetricTerm metric={metric} name={name} />
        </h3>
        <PanelValues panel={panel} cursor={cursor} />
        {freshness?.isStale && <StaleMark reason={freshness.staleReason} />}
      </header>
      {note && <p class="quiet panel-note">{note}</p>}
      {data.days.length === 0 ? (
        <p class="empty">No days with a row in this period.</p>
      ) : (
        <LineChart
          label={name}
          data={data}
          unit={unit}
          from={from}
          to={to}
          reference={reference}
          showsDays={isLast}
          cursor={cursor}
          onSelect={onSelect}
        />
      )}
    </section>
  );
}

function PanelValues({
  panel: { data, unit },
  cursor,
}: {
  readonly panel: Panel;
  readonly cursor: ChartCursor;
}): JSX.Element {
  const day = cursor.day.value;
  return (
    <p class="panel-values">
      {data.lines.map((line) => (
        <span key={line.name}>
          {data.lines.length > 1 && (
            <span class="swatch" style={{ background: `var(${line.color})` }} />
          )}
          {data.lines.length > 1 && `${line.name} `}
          <strong>{formatNumber(valueAt(data, line, day), unit)}</strong>
        </span>
      ))}
      <span class="quiet">{formatDay(day ?? data.days.at(-1))}</span>
    </p>
  );
}
