import { AGGREGATE_OF_WINDOW, AGGREGATES } from '../aggregates/registry.js';
import type { Database } from '../database/database.js';
import { badUserInput } from '../errors.js';
import { formatDay } from '../metrics/calendar.js';
import { BASES, columnsOf, METRICS, type MetricName } from '../metrics/metrics.js';
import type { PortfolioFilter, PortfolioStore } from '../portfolios/portfolio-store.js';
import type { Portfolio } from '../portfolios/portfolio.js';
import { findWindow, type RollingContext } from '../rolling/rolling-resolver.js';
import { loadSeries, type RollingSeries } from '../rolling/series-resolver.js';
import { MAX_SERIES_DAYS } from '../series-range.js';
import { DAILY_COLUMNS, readOfficialRows } from './daily-rows.js';
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
}

/** Bounds what a page of portfolios has in memory, as days of a portfolio. */
const DAYS_A_PAGE = 200_000;
/** The maximum number of portfolios whose days are read by one statement. */
const MAX_PAGE = 200;
/** Rows that are made and written in one go. */
const ROWS_AT_ONCE = 1000;

/** The table that an export requests, of the portfolios that fulfil the filter. */
export function exportTable(
  given: ExportContext,
  request: ExportRequest,
  filter: PortfolioFilter,
): Table {
  const context = { ...given, reader: { ...given.reader, once: true } };
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
  { series: request }: SeriesExport,
  filter: PortfolioFilter,
): Table {
  const { window, metrics, from, to } = request;
  const daysEach = windowDays(window) + to - from + 1;
  async function* rows(): AsyncGenerator<readonly Row[]> {
    const loadPage = (portfolios: readonly Portfolio[]): Promise<[string, RollingSeries][]> =>
      Promise.all(
        portfolios.map(async (portfolio) => [
          portfolio.id,
          await loadSeries(context, portfolio, request),
        ]),
      );
    const portfolios = pages(context.portfolioStore, filter, daysEach);
    for await (const page of readAhead(portfolios, loadPage)) {
      for (const [id, { days, observations, columns }] of page) {
        for (let start = 0; start < days.length; start += ROWS_AT_ONCE) {
          yield days.slice(start, start + ROWS_AT_ONCE).map((day, offset): Row => {
            const at = start + offset;
            return [id, day, observations[at]!, ...columns.map(({ values }) => values[at]!)];
          });
        }
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
  { window, metrics, asOf, riskFreeDaily }: WindowsExport,
  filter: PortfolioFilter,
): Table {
  const wanted = [
    ...new Set([
      ...BASES.returns.columns,
      ...metrics.flatMap((metric) => columnsOf(METRICS[metric])),
    ]),
  ];
  const rowOf = async (portfolio: Portfolio): Promise<Row> => {
    const request = { window, portfolio, asOf };
    const { id, code, name } = portfolio;
    const found = await findWindow(context, wanted, request, riskFreeDaily);
    const values = found.metrics as Readonly<Record<string, Cell>> | null;
    return [
      id,
      code,
      name,
      found.metrics?.asOf ?? (asOf === null ? null : formatDay(asOf)),
      found.metrics?.observations ?? 0,
      found.freshness().isStale,
      ...metrics.map((metric) => values?.[METRICS[metric].field] ?? null),
    ];
  };
  const portfolios = pages(context.portfolioStore, filter, windowDays(window));
  const rows = readAhead(portfolios, (page) => Promise.all(page.map(rowOf)));
  const columns: Column[] = [
    { name: 'portfolio_id', type: 'text' },
    { name: 'code', type: 'text' },
    { name: 'name', type: 'text' },
    { name: 'as_of', type: 'day' },
    { name: 'observations', type: 'integer' },
    { name: 'is_stale', type: 'boolean' },
    ...metrics.map(metricColumn),
  ];
  return { columns, rows };
}

function dailyTable(
  { database, portfolioStore, reader }: ExportContext,
  request: DailyExport,
  filter: PortfolioFilter,
): Table {
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
    for await (const all of readAhead(portfolios, load)) {
      for (let start = 0; start < all.length; start += ROWS_AT_ONCE) {
        yield all.slice(start, start + ROWS_AT_ONCE);
      }
    }
  }
  return { columns: DAILY_COLUMNS, rows: rows() };
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

/** About how many days a window has. */
export function windowDays(window: keyof typeof AGGREGATE_OF_WINDOW): number {
  const { length } = AGGREGATES[AGGREGATE_OF_WINDOW[window]];
  return 'days' in length ? length.days : 366 * length.years;
}
