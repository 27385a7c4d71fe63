import { AGGREGATE_OF_WINDOW, columnsInOrder } from '../aggregates/registry.js';
import type { DailySeriesRange } from '../aggregates/series/daily-series-reader.js';
import type { LoadedSeries } from '../aggregates/series/daily-series-store.js';
import type { Database } from '../database/database.js';
import { badUserInput } from '../errors.js';
import type { CostGate } from '../limits/cost-gate.js';
import { formatDay } from '../metrics/calendar.js';
import { columnsOfMetrics, METRICS, type MetricName } from '../metrics/metrics.js';
import type { PortfolioFilter, PortfolioStore } from '../portfolios/portfolio-store.js';
import type { Portfolio } from '../portfolios/portfolio.js';
import {
  rangeOfWindow,
  windowIn,
  type RollingContext,
  type WindowRequest,
} from '../rolling/rolling-resolver.js';
import { rangeOfSeries, seriesIn, type RollingSeries } from '../rolling/series-resolver.js';
import { MAX_SERIES_DAYS } from '../series-range.js';
import { DAILY_COLUMNS, readOfficialRows } from './daily-rows.js';
import { exportCost, windowDays } from './export-cost.js';
import type {
  ChosenPortfolios,
  DailyExport,
  ExportRequest,
  SeriesExport,
  WindowsExport,
} from './export-request.js';
import type { Cell, Column, Row, Table } from './table.js';

/** What exports take from a request's context. */
export interface ExportContext extends RollingContext {
  readonly portfolioStore: PortfolioStore;
  readonly database: Database;
  readonly costGate: CostGate;
}

/** Bounds what a page of portfolios has in memory, as days of a portfolio. */
const DAYS_A_PAGE = 200_000;
/** The maximum number of portfolios whose days are read by one statement. */
const MAX_PAGE = 200;
/** Rows that are made and written in one go. */
const ROWS_AT_ONCE = 1000;

/** The table that an export requests, of the portfolios that fulfil the filter. */
export function exportTable(
  context: ExportContext,
  request: ExportRequest,
  filter: PortfolioFilter,
): Table {
  if (request.kind === 'series') return seriesTable(context, request, filter);
  if (request.kind === 'windows') return windowsTable(context, request, filter);
  return dailyTable(context, request, filter);
}

/** Finds the chosen portfolios; BAD_USER_INPUT names the first that the caller does not see. */
export async function findChosen(
  store: PortfolioStore,
  chosen: ChosenPortfolios,
): Promise<PortfolioFilter> {
  if (chosen === null) return { ids: null, codes: null, search: null };
  const ids = chosen.flatMap(({ id }) => id ?? []);
  const found = await store.findByIds(ids);
  const missing = ids.find((_, index) => !found[index]);
  if (missing !== undefined) throw badUserInput(`portfolios has ${missing}, which is unknown`);
  for (const { code } of chosen) {
    if (code === undefined) continue;
    const portfolio = await store.findByCode(code);
    if (!portfolio) throw badUserInput(`portfolios has ${code}, which is unknown`);
    ids.push(portfolio.id);
  }
  return { ids, codes: null, search: null };
}

function seriesTable(
  context: ExportContext,
  request: SeriesExport,
  filter: PortfolioFilter,
): Table {
  const { series } = request;
  const { window, metrics, from, to } = series;
  const daysEach = windowDays(window) + to - from + 1;
  const rangeOf = ({ id }: Portfolio): DailySeriesRange => rangeOfSeries(id, series);
  const seriesOf = (
    portfolio: Portfolio,
    loaded: LoadedSeries,
  ): readonly [string, RollingSeries] => [
    portfolio.id,
    seriesIn(context, loaded, portfolio, series),
  ];
  const load = (page: readonly Portfolio[]) =>
    fromSeries(context, request, page, rangeOf, seriesOf);
  async function* rows(): AsyncGenerator<readonly Row[]> {
    const portfolios = pages(context.portfolioStore, filter, daysEach);
    for await (const page of readAhead(portfolios, inTurn(context, request, load))) {
      for (const [id, { days, observations, columns }] of page) {
        // Columns take a fraction of the memory of rows.
        yield* parts(days.length, (at): Row => {
          return [id, days[at]!, observations[at]!, ...columns.map(({ values }) => values[at]!)];
        });
      }
    }
  }
  const columns: Column[] = [
    { name: 'portfolio_id', type: 'text' },
    { name: 'day', type: 'day' },
    { name: 'observations', type: 'integer' },
    ...metrics.map(metricColumn),
  ];
  return { columns, rows: rows() };
}

function windowsTable(
  context: ExportContext,
  request: WindowsExport,
  filter: PortfolioFilter,
): Table {
  const { window, metrics, asOf, riskFreeDaily } = request;
  const fields = metrics.map((metric) => METRICS[metric].field);
  const requestOf = (portfolio: Portfolio): WindowRequest => ({ window, portfolio, asOf });
  const rowOf = (portfolio: Portfolio, loaded: LoadedSeries): Row => {
    const { id, code, name } = portfolio;
    const found = windowIn(context, loaded, requestOf(portfolio), riskFreeDaily);
    const values = found.metrics as Readonly<Record<string, Cell>> | null;
    return [
      id,
      code,
      name,
      found.metrics?.asOf ?? (asOf === null ? null : formatDay(asOf)),
      found.metrics?.observations ?? 0,
      found.freshness().isStale,
      ...fields.map((field) => values?.[field] ?? null),
    ];
  };
  const load = (page: readonly Portfolio[]): Promise<readonly Row[]> =>
    fromSeries(context, request, page, (of) => rangeOfWindow(requestOf(of)), rowOf);
  const portfolios = pages(context.portfolioStore, filter, windowDays(window));
  const columns: Column[] = [
    { name: 'portfolio_id', type: 'text' },
    { name: 'code', type: 'text' },
    { name: 'name', type: 'text' },
    { name: 'as_of', type: 'day' },
    { name: 'observations', type: 'integer' },
    { name: 'is_stale', type: 'boolean' },
    ...metrics.map(metricColumn),
  ];
  return { columns, rows: readAhead(portfolios, inTurn(context, request, load)) };
}

/**
 * What is made of the daily series of each portfolio of a page, which are read at once and not
 * cached: an export of everything would evict what is read often.
 */
async function fromSeries<Made>(
  { dailySeries, reader, turns }: ExportContext,
  request: SeriesExport | WindowsExport,
  page: readonly Portfolio[],
  rangeOf: (portfolio: Portfolio) => DailySeriesRange,
  make: (portfolio: Portfolio, loaded: LoadedSeries) => Made,
): Promise<Made[]> {
  const { window, metrics } = request.kind === 'series' ? request.series : request;
  const name = AGGREGATE_OF_WINDOW[window];
  const columns = columnsInOrder(name, columnsOfMetrics(metrics));
  const ranges = page.map(rangeOf);
  const [batch] = await dailySeries.loadAll([{ name, ranges, columns, once: true }], reader);
  const { series, state } = batch!;
  const made: Made[] = [];
  for (const [index, portfolio] of page.entries()) {
    await turns.next();
    made.push(make(portfolio, { series: series[index]!, state }));
  }
  return made;
}

function dailyTable(context: ExportContext, request: DailyExport, filter: PortfolioFilter): Table {
  const { database, portfolioStore, reader } = context;
  // No snapshot has the rows of the source itself.
  reader.dependencies?.unknown();
  const { from, to } = request;
  const daysEach = from !== null && to !== null ? to - from + 1 : MAX_SERIES_DAYS;
  async function* rows(): AsyncGenerator<readonly Row[]> {
    const portfolios = pages(portfolioStore, filter, daysEach);
    const load = (page: readonly Portfolio[]): Promise<readonly Row[]> =>
      readOfficialRows(
        database,
        page.map(({ id }) => id),
        request,
      );
    for await (const all of readAhead(portfolios, inTurn(context, request, load))) {
      yield* parts(all.length, (at) => all[at]!);
    }
  }
  return { columns: DAILY_COLUMNS, rows: rows() };
}

/** Rows made by their index, so many at a time as are written in one go. */
function* parts(count: number, rowAt: (index: number) => Row): Generator<readonly Row[]> {
  for (let start = 0; start < count; start += ROWS_AT_ONCE) {
    const length = Math.min(ROWS_AT_ONCE, count - start);
    yield Array.from({ length }, (_, offset) => rowAt(start + offset));
  }
}

/** Portfolios by name and id, as many at a time as their days allow. */
async function* pages(
  store: PortfolioStore,
  filter: PortfolioFilter,
  daysEach: number,
): AsyncGenerator<readonly Portfolio[]> {
  const size = Math.max(1, Math.min(MAX_PAGE, Math.floor(DAYS_A_PAGE / daysEach)));
  let after: readonly [string, string] | null = null;
  for (;;) {
    const page: readonly Portfolio[] = await store.page(filter, size, after);
    if (page.length > 0) yield page;
    if (page.length < size) return;
    const { name, id } = page.at(-1)!;
    after = [name, id];
  }
}

/**
 * Loads each page once there is room for its cost among operations and other exports. It counts
 * while it is computed, not while it is sent: operations never wait for a whole export.
 */
function inTurn<Loaded>(
  { costGate, reader: { signal } }: ExportContext,
  request: ExportRequest,
  load: (page: readonly Portfolio[]) => Promise<Loaded>,
): (page: readonly Portfolio[]) => Promise<Loaded> {
  let first: ReturnType<CostGate['enter']> | undefined;
  const enter = async (cost: number): ReturnType<CostGate['enter']> => {
    if (!first) return (first = costGate.enter(cost, signal));
    // A page that is refused after the first would leave the file incomplete.
    await first;
    return costGate.enter(cost, signal, { hasBegun: true });
  };
  return async (page) => {
    const leave = await enter(exportCost(request, page.length));
    try {
      return await load(page);
    } finally {
      leave?.();
    }
  };
}

/** What `load` makes of each page; the next is loaded while one is used. */
async function* readAhead<Page, Loaded>(
  pagesOf: AsyncIterable<Page>,
  load: (page: Page) => Promise<Loaded>,
): AsyncGenerator<Loaded> {
  let next: Promise<Loaded> | undefined;
  for await (const page of pagesOf) {
    const loaded = next;
    next = load(page);
    // A failure is thrown where the page is used, which it may not be any more.
    next.catch(() => undefined);
    if (loaded) yield await loaded;
  }
  if (next) yield await next;
}

function metricColumn(name: MetricName): Column {
  return { name, type: 'number' };
}
