import { metricsOf, ROLLING_WINDOWS, type RollingWindow } from '../aggregates/registry.js';
import { badUserInput } from '../errors.js';
import { parseDay, type DayNumber } from '../metrics/calendar.js';
import type { MetricName } from '../metrics/metrics.js';
import { checkRiskFreeDaily, DEFAULT_RISK_FREE_DAILY } from '../rolling/arguments.js';
import { checkServed } from '../rolling/metric-enum.js';
import { checkSeriesRequest, type CheckedSeriesRequest } from '../rolling/series-resolver.js';
import { parseUuid } from '../scalars.js';
import {
  EXPORT_FORMATS,
  EXPORT_PARAMETERS,
  type ExportFormat,
  type ExportKind,
  type ExportParameters,
} from './export-parameters.js';

/** Portfolios by id or code; null: all. */
export type ChosenPortfolios = readonly { readonly id?: string; readonly code?: string }[] | null;

interface Chosen {
  readonly portfolios: ChosenPortfolios;
  /** Null: none was named. */
  readonly format: ExportFormat | null;
}

export interface SeriesExport extends Chosen {
  readonly kind: 'series';
  readonly series: CheckedSeriesRequest;
}
export interface WindowsExport extends Chosen {
  readonly kind: 'windows';
  readonly window: RollingWindow;
  readonly metrics: readonly MetricName[];
  /** Null: the last day the aggregate holds for each portfolio. */
  readonly asOf: DayNumber | null;
  readonly riskFreeDaily: number;
}
export interface DailyExport extends Chosen {
  readonly kind: 'daily';
  /** Null: from the first. */
  readonly from: DayNumber | null;
  /** Inclusive; null: to the last. */
  readonly to: DayNumber | null;
}
export type ExportRequest = SeriesExport | WindowsExport | DailyExport;

/** The maximum number of portfolios that can be named, as in GraphQL. */
const MAX_NAMED = 200;

/** The parameters of an export. Throws BAD_USER_INPUT for what breaks a rule, or is not known. */
export function parseExportRequest(kind: ExportKind, given: ExportParameters): ExportRequest {
  const known = EXPORT_PARAMETERS[kind];
  for (const [name, value] of Object.entries(given)) {
    if (!known.includes(name)) {
      throw badUserInput(`${kind} takes ${known.join(', ')}, but got ${name}`);
    }
    if (typeof value !== 'string') throw badUserInput(`${name} must be given once`);
  }
  const parameters = given as Readonly<Record<string, string>>;
  const { portfolios = 'all', format } = parameters;
  const chosen = {
    portfolios: parsePortfolios(portfolios),
    format: format === undefined ? null : oneOf('format', EXPORT_FORMATS, format),
  };
  if (kind === 'daily') {
    const [from, to] = [optionalDay('from', parameters), optionalDay('to', parameters)];
    if (from !== null && to !== null && from > to) {
      throw badUserInput(
        `from must not be after to, but got from ${parameters['from']} and to ${parameters['to']}`,
      );
    }
    return { kind, ...chosen, from, to };
  }
  const window = oneOf('window', ROLLING_WINDOWS, parameters['window']);
  const metrics = parseMetrics(window, parameters['metrics']);
  const riskFreeDaily = parseRate(parameters['riskFreeDaily']);
  if (kind === 'windows') {
    checkRiskFreeDaily(riskFreeDaily);
    const asOf = optionalDay('asOf', parameters);
    return { kind, ...chosen, window, metrics, asOf, riskFreeDaily };
  }
  const [from, to] = [requiredDay('from', parameters), requiredDay('to', parameters)];
  const series = { window, metrics, from, to, riskFreeDaily, minObservations: 1 };
  return { kind, ...chosen, series: checkSeriesRequest(series) };
}

function parsePortfolios(text: string): ChosenPortfolios {
  if (text === 'all') return null;
  const names = text.split(',').map((name) => name.trim());
  if (names.length > MAX_NAMED || names.includes('')) {
    throw badUserInput(
      `portfolios must be all, or from 1 to ${MAX_NAMED} ids or codes separated by commas, but got ${names.length} with ${names.filter((name) => name === '').length} of them empty`,
    );
  }
  return names.map((name) => {
    const id = parseUuid(name);
    return id === null ? { code: name } : { id };
  });
}

function parseMetrics(window: RollingWindow, text: string | undefined): readonly MetricName[] {
  const served = metricsOf(window);
  if (text === undefined) return served;
  const metrics = text.split(',').map((name) => {
    const all = ROLLING_WINDOWS.flatMap(metricsOf);
    return oneOf('metrics', [...new Set(all)], name.trim());
  });
  for (const metric of metrics) checkServed(metric, window);
  if (new Set(metrics).size < metrics.length) {
    throw badUserInput(`metrics must name each metric once, but got ${text}`);
  }
  return metrics;
}

function parseRate(text: string | undefined): number {
  if (text === undefined) return DEFAULT_RISK_FREE_DAILY;
  const rate = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isNaN(rate)) throw badUserInput(`riskFreeDaily must be a number, but got "${text}"`);
  return rate;
}

function oneOf<Name extends string>(
  parameter: string,
  names: readonly Name[],
  given: string | undefined,
): Name {
  const found = names.find((name) => name === given);
  if (found !== undefined) return found;
  const got = given === undefined ? 'none was given' : `got "${given}"`;
  throw badUserInput(`${parameter} must be one of ${names.join(', ')}, but ${got}`);
}

function optionalDay(
  name: string,
  { [name]: text }: Readonly<Record<string, string>>,
): DayNumber | null {
  if (text === undefined) return null;
  const day = parseDay(text);
  if (day === null) {
    throw badUserInput(`${name} must be a calendar date such as 2018-05-11, but got "${text}"`);
  }
  return day;
}

function requiredDay(name: string, parameters: Readonly<Record<string, string>>): string {
  if (optionalDay(name, parameters) === null) {
    throw badUserInput(`${name} must be given: a calendar date such as 2018-05-11`);
  }
  return parameters[name]!;
}
