import { useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import { isDark } from '../controls/media.js';
import { formatDay } from '../format/days.js';
import { formatNumber, type Unit } from '../format/numbers.js';
import type { ChartCursor } from './chart-cursor.js';
import type { ChartData } from './chart-data.js';
import { AXIS_HEIGHT, createPlot, moveCursor } from './plot.js';

const PLOT_HEIGHT = 140;

export interface LineChartProps {
  readonly label: string;
  readonly data: ChartData;
  readonly unit: Unit;
  readonly from: string;
  readonly to: string;
  readonly reference: number;
  readonly showsDays: boolean;
  readonly cursor: ChartCursor;
  readonly onSelect: (from: string, to: string) => void;
}

/** Lines over days. A picture to a screen reader: its values are in the table of the charts. */
export function LineChart(props: LineChartProps): JSX.Element {
  const { label, data, unit, from, to, reference, showsDays, cursor, onSelect } = props;
  const height = PLOT_HEIGHT + (showsDays ? AXIS_HEIGHT : 0);
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef<uPlot>(undefined);
  const theme = isDark.value;

  // In the frame that shows the data: an effect would wait for the next one.
  useLayoutEffect(() => {
    const element = place.current!;
    const plot = createPlot(element, {
      data,
      unit,
      from,
      to,
      reference,
      showsDays,
      width: element.clientWidth,
      height,
      onPoint: (day) => cursor.point(day),
      onSelect,
    });
    drawn.current = plot;
    moveCursor(plot, cursor.day.peek());
    const resized = new ResizeObserver(() => {
      if (element.clientWidth === plot.width) return;
      plot.setSize({ width: element.clientWidth, height });
    });
    resized.observe(element);
    return () => {
      resized.disconnect();
      plot.destroy();
      drawn.current = undefined;
    };
  }, [data, unit, from, to, reference, height, cursor, theme]);

  useSignalEffect(() => {
    const { value: day } = cursor.day;
    if (drawn.current) moveCursor(drawn.current, day);
  });

  return (
    <div
      ref={place}
      class="chart"
      role="img"
      aria-label={`${label}. ${summaryOf(data, unit)}`}
      style={{ height: `${height}px` }}
    />
  );
}

/** What there is to see, in a sentence for each line. */
function summaryOf({ days, lines }: ChartData, unit: Unit): string {
  const sentences = lines.map(({ name, values }) => {
    const known = values.filter((value) => value !== null);
    if (known.length === 0) return `${name} has no values.`;
    const last = values.findLastIndex((value) => value !== null);
    return `${name} from ${formatNumber(Math.min(...known), unit)} to ${formatNumber(Math.max(...known), unit)}, at last ${formatNumber(values[last], unit)} on ${formatDay(days[last])}.`;
  });
  return sentences.join(' ');
}
