import { signal } from '@preact/signals';

const STEPS: Readonly<Record<string, (index: number, last: number) => number>> = {
  ArrowLeft: (index) => index - 1,
  ArrowRight: (index) => index + 1,
  PageUp: (index) => index - MONTH,
  PageDown: (index) => index + MONTH,
  Home: () => 0,
  End: (_, last) => last,
};
/** Trading days, about. */
const MONTH = 21;

/** The day that the charts of a page point at together. */
export class ChartCursor {
  /** Undefined: at none, so their last values are shown. */
  readonly day = signal<string | undefined>(undefined);
  /** The day that the keyboard has moved it to, to be read out. */
  readonly readOut = signal<string | undefined>(undefined);

  /** Follows the pointer. */
  point(day: string | undefined): void {
    this.day.value = day;
    this.readOut.value = undefined;
  }

  /** Moves by a key of the keyboard among days in order; gives whether it is one that moves. */
  press(key: string, days: readonly string[]): boolean {
    if (key === 'Escape') {
      this.point(undefined);
      return true;
    }
    const step = STEPS[key];
    if (!step || days.length === 0) return false;
    const last = days.length - 1;
    const current = this.day.value === undefined ? last : nearestIndex(days, this.day.value);
    const day = days[Math.max(0, Math.min(last, step(current, last)))]!;
    this.day.value = day;
    this.readOut.value = day;
    return true;
  }
}

/** The index of the last day that is not after `day`, or 0. */
export function nearestIndex(days: readonly string[], day: string): number {
  let low = 0;
  let high = days.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (days[middle]! <= day) low = middle;
    else high = middle - 1;
  }
  return low;
}
