import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { valueAt } from '../charts/value-at.js';
import { formatDay } from '../format/days.js';
import { formatNumber } from '../format/numbers.js';
import type { Panel } from './chart-panels.js';

/** All that the charts draw as a table, made when it is opened. */
export function ChartTable({
  panels,
  days,
}: {
  readonly panels: readonly Panel[];
  readonly days: readonly string[];
}): JSX.Element {
  const isOpen = useSignal(false);
  const columns = panels.flatMap(({ name, data, unit }) =>
    data.lines.map((line) => ({
      name: data.lines.length > 1 ? `${name}, ${line.name}` : name,
      text: (day: string) => formatNumber(valueAt(data, line, day), unit),
    })),
  );
  return (
    <details
      class="chart-table"
      onToggle={({ currentTarget }) => (isOpen.value = currentTarget.open)}
    >
      <summary>Values as a table</summary>
      {isOpen.value && (
        <div class="wide tall" role="region" aria-label="Values of the charts" tabIndex={0}>
          <table class="numbers">
            <thead>
              <tr>
                <th scope="col">Day</th>
                {columns.map(({ name }) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {days.toReversed().map((day) => (
                <tr key={day}>
                  <th scope="row">{formatDay(day)}</th>
                  {columns.map(({ name, text }) => (
                    <td key={name}>{text(day)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
