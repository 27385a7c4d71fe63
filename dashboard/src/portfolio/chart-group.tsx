import { useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { useId, useMemo, useRef } from 'preact/hooks';
import { ChartCursor } from '../charts/chart-cursor.js';
import { unionOfDays } from '../charts/chart-data.js';
import { valueAt } from '../charts/value-at.js';
import { formatDay } from '../format/days.js';
import { formatNumber } from '../format/numbers.js';
import { setParameters } from '../shell/router.js';
import { ChartPanel } from './chart-panel.js';
import type { Panel } from './chart-panels.js';
import { ChartTable } from './chart-table.js';
import type { Days } from './period.js';

/** The charts, with one cursor that the pointer or the arrow keys move. */
export function ChartGroup({
  panels,
  period,
}: {
  readonly panels: readonly Panel[];
  readonly period: Days;
}): JSX.Element {
  const cursor = useMemo(() => new ChartCursor(), []);
  const days = useMemo(() => unionOfDays(panels.map(({ data }) => data)), [panels]);
  const help = useId();
  const press = (event: KeyboardEvent): void => {
    if (cursor.press(event.key, days)) event.preventDefault();
  };
  return (
    <>
      <p id={help} class="quiet chart-help">
        Arrow keys move the cursor by a day, Page Up and Page Down by a month. Drag to zoom.
      </p>
      <div
        class="chart-group"
        role="application"
        aria-label="Charts"
        aria-describedby={help}
        tabIndex={0}
        onKeyDown={press}
      >
        {panels.map((panel, index) => (
          <ChartPanel
            key={panel.name}
            panel={panel}
            isLast={index === panels.length - 1}
            period={period}
            cursor={cursor}
            onSelect={(from, to) => setParameters({ from, to })}
          />
        ))}
      </div>
      <ReadOut panels={panels} cursor={cursor} />
      <ChartTable panels={panels} days={days} />
    </>
  );
}

/** Says the values at the cursor when the keyboard moves it. */
function ReadOut({
  panels,
  cursor,
}: {
  readonly panels: readonly Panel[];
  readonly cursor: ChartCursor;
}): JSX.Element {
  const place = useRef<HTMLParagraphElement>(null);
  useSignalEffect(() => {
    const day = cursor.readOut.value;
    if (place.current) place.current.textContent = day === undefined ? '' : sentence(panels, day);
  });
  return <p ref={place} class="sr-only" aria-live="polite" data-testid="read-out" />;
}

function sentence(panels: readonly Panel[], day: string): string {
  const values = panels.flatMap(({ name, data, unit }) =>
    data.lines.map((line) => {
      const value = formatNumber(valueAt(data, line, day), unit);
      return `${name}${data.lines.length > 1 ? `, ${line.name}` : ''}: ${value}`;
    }),
  );
  return `${formatDay(day)}. ${values.join('. ')}.`;
}
