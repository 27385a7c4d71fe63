import { Failure } from '../errors.js';
import { periodsFault } from '../portfolios/portfolio-rules.js';
import { dateFormatFault } from './date-text.js';
import {
  DEFAULT_SETTINGS,
  IMPORT_OPTIONS,
  TAB,
  type ImportOption,
  type ImportSettings,
} from './import-settings.js';

/** The rule that the value of an option breaks; null when it breaks none. */
const FAULTS: Readonly<Record<string, (text: string) => string | null>> = {
  delimiter: delimiterFault,
  'date-format': dateFormatFault,
  'periods-per-year': (text) => periodsFault(/^\d+$/.test(text) ? Number(text) : NaN),
};

/**
 * Reads settings from texts by the options' names. Throws a Failure for the first one that is
 * not right, unknown names among them: one that is misspelt must not be taken for absent.
 */
export function readSettings(texts: Readonly<Record<string, unknown>>): ImportSettings {
  const settings = Object.entries(texts).map(([name, text]) => {
    const option = IMPORT_OPTIONS.find((known) => known.name === name);
    if (!option) {
      throw new Failure(
        `${name} is no option of an import; there are ${IMPORT_OPTIONS.map((known) => known.name).join(', ')}`,
      );
    }
    return [option.key, valueOf(option, String(text))];
  });
  return { ...DEFAULT_SETTINGS, ...(Object.fromEntries(settings) as Partial<ImportSettings>) };
}

function valueOf({ name, argument, choices }: ImportOption, text: string): unknown {
  const allowed = argument ? choices : ['true', 'false'];
  if (allowed && !allowed.includes(text)) {
    throw new Failure(`${name} must be ${allowed.join(' or ')}, but got "${text}"`);
  }
  const fault = FAULTS[name]?.(text);
  if (fault) throw new Failure(`${name} "${text}" ${fault}`);
  if (!argument) return text === 'true';
  if (name === 'periods-per-year') return Number(text);
  return name === 'delimiter' && text === TAB ? '\t' : text;
}

function delimiterFault(text: string): string | null {
  if (text === TAB) return null;
  return /^[^\p{L}\p{N}"\r\n.+-]$/u.test(text) && text.length === 1
    ? null
    : `must be one character between fields, such as ';', or ${TAB}`;
}
