import { signal, type ReadonlySignal } from '@preact/signals';
import type { PortfolioNode, RollingWindow } from '../../../client/src/index.js';
import { client } from '../api/session.js';
import { addDays } from '../format/days.js';
import { SparklinesDocument, type SparklineFragment } from '../generated/operations.js';
import type { CellMetric } from './cell-metrics.js';

/** How much of the past a sparkline shows, up to the portfolio's last day. */
const DAYS = 180;

export type SparklineValues = readonly (number | null)[];
type Sparklines = Readonly<Record<RollingWindow, SparklineValues>>;

/** The sparklines of one metric, loaded for the portfolios that are shown. */
export class SparklineStore {
  private readonly loaded = signal<ReadonlyMap<string, Sparklines>>(new Map());
  private readonly requested = new Set<string>();
  private readonly ending = new AbortController();

  constructor(private readonly metric: CellMetric) {}

  get sparklines(): ReadonlySignal<ReadonlyMap<string, Sparklines>> {
    return this.loaded;
  }

  close(): void {
    this.ending.abort();
  }

  show(portfolios: readonly PortfolioNode[]): void {
    const missing = portfolios.filter(({ id, lastDay }) => lastDay && !this.requested.has(id));
    for (const { id } of missing) this.requested.add(id);
    // One request takes one range of days.
    for (const [to, group] of Map.groupBy(missing, ({ lastDay }) => lastDay!)) {
      void this.load(group, to);
    }
  }

  private async load(group: readonly PortfolioNode[], to: string): Promise<void> {
    const variables = {
      ids: group.map(({ id }) => id),
      metric: this.metric,
      from: addDays(to, -DAYS),
      to,
    };
    const { signal: ends } = this.ending;
    try {
      const { portfolios } = await client.value.execute(SparklinesDocument, variables, {
        signal: ends,
      });
      const sparklines = new Map(this.loaded.value);
      for (const { node } of portfolios.edges) {
        sparklines.set(node.id, {
          THIRTY_DAYS: valuesOf(node.thirtyDays),
          SIXTY_DAYS: valuesOf(node.sixtyDays),
          NINETY_DAYS: valuesOf(node.ninetyDays),
          ONE_YEAR: valuesOf(node.oneYear),
        });
      }
      this.loaded.value = sparklines;
    } catch {
      // The table is complete without them, and says itself what is wrong.
      for (const { id } of group) this.requested.delete(id);
    }
  }
}

function valuesOf({ columns }: SparklineFragment): SparklineValues {
  return columns[0]?.values ?? [];
}
