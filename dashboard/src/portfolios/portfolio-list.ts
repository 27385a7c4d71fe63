import { effect, signal, untracked } from '@preact/signals';
import {
  PortfoliosDocument,
  type Client,
  type PortfolioNode,
  type RollingWindow,
} from '../../../client/src/index.js';
import { noteError, noteResponse } from '../api/connection.js';
import { revision } from '../api/revision.js';
import { client } from '../api/session.js';
import { WINDOW_NAMES } from '../format/metrics.js';
import { PortfolioRowsDocument, type CellFragment } from '../generated/operations.js';

/** What one request may select. */
const PAGE = 200;

/** The four windows of a portfolio; null where an aggregate has no row in the window. */
export type Row = Readonly<Record<RollingWindow, CellFragment | null>>;

/**
 * The portfolios that match a search. Their names are all loaded, page by page; the windows of
 * those that are shown, or of all, where they are sorted by a number.
 */
export class PortfolioList {
  readonly portfolios = signal<readonly PortfolioNode[]>([]);
  /** How many there are; undefined before the first page. */
  readonly total = signal<number | undefined>(undefined);
  readonly rows = signal<ReadonlyMap<string, Row>>(new Map());
  readonly error = signal<Error | undefined>(undefined);

  private readonly ending = new AbortController();
  private readonly stopChecking: () => void;
  private readonly requested = new Set<string>();
  private shown: readonly string[] = [];
  private wantsAll = false;

  constructor(private readonly search: string) {
    let isFirst = true;
    this.stopChecking = effect(() => {
      void revision.value;
      const connected = client.value;
      untracked(
        () => void this.attempt(isFirst ? this.loadNames(connected) : this.check(connected)),
      );
      isFirst = false;
    });
  }

  close(): void {
    this.stopChecking();
    this.ending.abort();
  }

  /** Loads the windows of the portfolios that are shown. */
  show(ids: readonly string[]): void {
    this.shown = ids;
    void this.attempt(this.loadMissing(ids));
  }

  /** Loads the windows of all, so that they can be sorted. */
  showAll(): void {
    if (this.wantsAll) return;
    this.wantsAll = true;
    void this.attempt(this.loadMissing(this.portfolios.value.map(({ id }) => id)));
  }

  private async attempt(work: Promise<void>): Promise<void> {
    try {
      await work;
      this.error.value = undefined;
    } catch (error) {
      if (this.ending.signal.aborted) return;
      noteError(error);
      this.error.value = error as Error;
    }
  }

  private async loadNames(connected: Client): Promise<void> {
    const loaded: PortfolioNode[] = [];
    let after: string | null = null;
    do {
      const page = await this.page(connected, after);
      loaded.push(...page.edges.map(({ node }) => node));
      this.total.value = page.totalCount;
      // While a changed list is loaded again, the old one stays.
      if (loaded.length >= this.portfolios.value.length || !page.pageInfo.hasNextPage) {
        this.portfolios.value = [...loaded];
      }
      if (this.wantsAll) void this.attempt(this.loadMissing(loaded.map(({ id }) => id)));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after !== null);
  }

  private async page(connected: Client, after: string | null) {
    const { portfolios } = await connected.execute(
      PortfoliosDocument,
      { search: this.search || null, first: PAGE, after },
      { signal: this.ending.signal },
    );
    noteResponse();
    return portfolios;
  }

  /** Loads again what is shown; where a refresh or new rows changed it, everything else too. */
  private async check(connected: Client): Promise<void> {
    const first = await this.page(connected, null);
    const names = first.edges.map(({ node }) => node);
    const known = this.portfolios.value.slice(0, PAGE);
    const isSame =
      first.totalCount === this.total.value && JSON.stringify(names) === JSON.stringify(known);
    if (!isSame) await this.loadNames(connected);
    const before = this.freshnessOf(this.shown);
    await this.load(this.shown);
    if (this.freshnessOf(this.shown) === before) return;
    const shown = new Set(this.shown);
    this.requested.clear();
    for (const id of shown) this.requested.add(id);
    if (this.wantsAll) return this.loadMissing(this.portfolios.value.map(({ id }) => id));
    this.rows.value = new Map([...this.rows.value].filter(([id]) => shown.has(id)));
  }

  private freshnessOf(ids: readonly string[]): string {
    return JSON.stringify(
      ids.map((id) => Object.values(this.rows.value.get(id) ?? {}).map((cell) => cell?.freshness)),
    );
  }

  private async loadMissing(ids: readonly string[]): Promise<void> {
    const missing = ids.filter((id) => !this.requested.has(id));
    for (const id of missing) this.requested.add(id);
    for (let start = 0; start < missing.length; start += PAGE) {
      const batch = missing.slice(start, start + PAGE);
      await this.load(batch).catch((error: unknown) => {
        for (const id of missing.slice(start)) this.requested.delete(id);
        throw error;
      });
    }
  }

  private async load(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const { portfolios } = await client.value.execute(
      PortfolioRowsDocument,
      { ids: [...ids] },
      { signal: this.ending.signal },
    );
    noteResponse();
    const rows = new Map(this.rows.value);
    for (const { node } of portfolios.edges) {
      rows.set(node.id, {
        THIRTY_DAYS: node.rolling30d,
        SIXTY_DAYS: node.rolling60d,
        NINETY_DAYS: node.rolling90d,
        ONE_YEAR: node.rolling1y,
      });
    }
    this.rows.value = rows;
  }
}

/** The last day that any loaded row has a number of a window for. */
export function latestDay(rows: Iterable<Row>, window: RollingWindow): string | null {
  let latest: string | null = null;
  for (const row of rows) {
    const day = row[window]?.asOf ?? null;
    if (day !== null && (latest === null || day > latest)) latest = day;
  }
  return latest;
}

/** The freshness of all windows of rows. */
export function freshnessIn(rows: Iterable<Row>): CellFragment['freshness'][] {
  return [...rows].flatMap((row) => WINDOW_NAMES.flatMap((window) => row[window]?.freshness ?? []));
}
