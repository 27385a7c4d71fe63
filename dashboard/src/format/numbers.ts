/** How a number is shown to people. */
export type Unit = 'percent' | 'ratio' | 'number' | 'currency';

const NONE = '–';
const FORMATS = {
  percent: new Intl.NumberFormat('en', {
    style: 'percent',
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  }),
  ratio: new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 }),
  // As it was reported, in a unit that only its source knows.
  number: new Intl.NumberFormat('en', { maximumFractionDigits: 4 }),
  currency: new Intl.NumberFormat('en', { maximumFractionDigits: 0 }),
} as const;
const COUNT = new Intl.NumberFormat('en');

/** A number in its unit; a dash where there is none. */
export function formatNumber(value: number | null | undefined, unit: Unit): string {
  if (value === null || value === undefined || Number.isNaN(value)) return NONE;
  return withMinus(FORMATS[unit].format(value));
}

/** A number on an axis, with the digits that distinguish it from its neighbours `step` away. */
export function formatTick(value: number, step: number, unit: Unit): string {
  const shown = unit === 'percent' ? step * 100 : step;
  const digits = Math.max(0, Math.min(6, Math.ceil(-Math.log10(shown) - ROUNDING)));
  const style = unit === 'percent' ? ({ style: 'percent' } as const) : {};
  const format = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return withMinus(new Intl.NumberFormat('en', { ...style, ...format }).format(value));
}

/** What the logarithm of a power of ten may be off by. */
const ROUNDING = 1e-9;

export function formatCount(count: number): string {
  return COUNT.format(count);
}

/** With a minus as wide as a digit; nothing is less than nothing. */
function withMinus(text: string): string {
  return /[1-9]/.test(text) ? text.replace('-', '−') : text.replace('-', '');
}
