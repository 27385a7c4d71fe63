/** A value for the database, or the rule that the text breaks. */
export type Parsed = { readonly value: string } | { readonly rule: string };

/** A file has each of its portfolios and days many times. */
const MAX_REMEMBERED = 50_000;

/** The same parser, which remembers texts. */
export function remembering(parse: (text: string) => Parsed): (text: string) => Parsed {
  const known = new Map<string, Parsed>();
  return (text) => {
    let parsed = known.get(text);
    if (!parsed) {
      if (known.size >= MAX_REMEMBERED) known.clear();
      known.set(text, (parsed = parse(text)));
    }
    return parsed;
  };
}

/** A return greater than this in size is rare for a day. */
export const LARGE_RETURN = 0.05;
/** Quotients of two prices between them are doubles by far. */
export const MIN_PRICE = 1e-30;
export const MAX_PRICE = 1e30;

/** A finite decimal number within the range of a double; one that would become 0 is refused too. */
export function parseNumber(text: string): Parsed {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
  const isLost = value === 0 && /[1-9]/.test(text.replace(/e.*$/i, ''));
  return Number.isFinite(value) && !isLost ? { value: text } : { rule: 'is not a finite number' };
}

/** What the type numeric holds behind the point. */
const MAX_DECIMALS = 16_383;

/** A number as it is written, with all its decimals. */
export function parseMoney(text: string): Parsed {
  // Most numbers need no look at their decimals.
  if (text.length <= MAX_DECIMALS && !/e/i.test(text)) return parseNumber(text);
  const [digits = '', exponent = '0'] = text.toLowerCase().split('e');
  const decimals = (digits.split('.')[1]?.length ?? 0) - Number(exponent);
  return decimals > MAX_DECIMALS
    ? { rule: `has more than ${MAX_DECIMALS} decimals` }
    : parseNumber(text);
}

export function aboveTotalLoss(parsed: Parsed, rule: string): Parsed {
  return 'value' in parsed && Number(parsed.value) < -1 ? { rule } : parsed;
}
