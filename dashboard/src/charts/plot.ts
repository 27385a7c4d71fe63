import uPlot from 'uplot';
import { dayOf, timeOf } from '../format/days.js';
import { formatTick, type Unit } from '../format/numbers.js';
import { drawnData, type ChartData, type DrawnData } from './chart-data.js';

export interface PlotOptions {
  readonly data: ChartData;
  readonly unit: Unit;
  /** First and last day of the axis. */
  readonly from: string;
  readonly to: string;
  /** A value that a thin line marks, such as zero. */
  readonly reference: number;
  /** Whether its days are written below it. */
  readonly showsDays: boolean;
  readonly width: number;
  readonly height: number;
  /** The day the pointer is at; undefined when it leaves. */
  readonly onPoint: (day: string | undefined) => void;
  /** A range of days was selected by dragging. */
  readonly onSelect: (from: string, to: string) => void;
}

const AXIS_WIDTH = 58;
export const AXIS_HEIGHT = 40;
const FONT = '12px system-ui, sans-serif';
const MIN_SELECTION_PX = 8;
/** Room above and below the lines, as a part of their height. */
const MARGIN = 0.08;

/** Draws a chart into an element. To be destroyed. */
export function createPlot(place: HTMLElement, options: PlotOptions): uPlot {
  const { data, unit, from, to, reference, showsDays, width, height, onPoint, onSelect } = options;
  const drawn = drawnData(data);
  const style = getComputedStyle(place);
  const color = (name: string): string => style.getPropertyValue(name).trim();
  const axis = {
    font: FONT,
    stroke: color('--quiet'),
    grid: { stroke: color('--rule'), width: 1 },
    ticks: { show: false },
  };
  const first = timeOf(from) / 1000;
  const last = Math.max(timeOf(to) / 1000, first + 1);
  return new uPlot(
    {
      width,
      height,
      padding: [8, 8, showsDays ? 0 : 8, 0],
      legend: { show: false },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'UTC'),
      cursor: { y: false, points: { size: 7 }, drag: { x: true, y: false, setScale: false } },
      scales: { x: { range: [first, last] }, y: { range: rangeWithin } },
      axes: [
        { ...axis, space: 64, ...(showsDays ? { size: AXIS_HEIGHT } : { size: 0, values: [] }) },
        {
          ...axis,
          size: AXIS_WIDTH,
          space: 30,
          values: (_, ticks, _axis, _space, step) =>
            ticks.map((tick) => formatTick(tick, step, unit)),
        },
      ],
      series: [
        {},
        ...data.lines.map(({ name, color: property }) => ({
          label: name,
          stroke: color(property),
          width: 1.5,
          spanGaps: false,
        })),
      ],
      hooks: {
        drawAxes: [(plot) => drawReference(plot, reference, color('--quiet'))],
        setCursor: [({ cursor }) => onPoint(dayAt(drawn, cursor))],
        setSelect: [
          (plot) => {
            const { left, width: selected } = plot.select;
            if (selected < MIN_SELECTION_PX) return;
            const at = (x: number): string => dayOf(plot.posToVal(x, 'x') * 1000);
            onSelect(at(left), at(left + selected));
          },
        ],
      },
    },
    drawn,
    place,
  );
}

/** Moves the cursor to a day, or away. */
export function moveCursor(plot: uPlot, day: string | undefined): void {
  const left = day === undefined ? -1 : plot.valToPos(timeOf(day) / 1000, 'x');
  plot.setCursor({ left, top: 0 }, false);
}

function dayAt([times]: DrawnData, { left = -1, idx }: uPlot.Cursor): string | undefined {
  if (left < 0 || idx === null || idx === undefined) return undefined;
  return dayOf(times[idx]! * 1000);
}

/** The values that are drawn, with room; of nothing, any. */
function rangeWithin(_: uPlot, min: number | null, max: number | null): uPlot.Range.MinMax {
  if (min === null || max === null) return [0, 1];
  const margin = (max - min || Math.abs(max) || 1) * MARGIN;
  return [min - margin, max + margin];
}

function drawReference(plot: uPlot, value: number, color: string): void {
  const { ctx, bbox, scales } = plot;
  const { min, max } = scales['y']!;
  if (value < (min ?? value) || value > (max ?? value)) return;
  const y = Math.round(plot.valToPos(value, 'y', true)) + 0.5;
  ctx.save();
  ctx.strokeStyle = color;
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}
