import type { PortfolioNode, RollingWindow } from '../../../client/src/index.js';
import { valueOf, type CellMetric } from './cell-metrics.js';
import type { Row } from './portfolio-list.js';

export interface SortOrder {
  readonly by: 'name' | RollingWindow;
  readonly isDescending: boolean;
}

/** Portfolios in order; those without a number come last in either direction. */
export function sortPortfolios(
  portfolios: readonly PortfolioNode[],
  rows: ReadonlyMap<string, Row>,
  metric: CellMetric,
  { by, isDescending }: SortOrder,
): readonly PortfolioNode[] {
  // The server lists them by name.
  if (by === 'name') return isDescending ? portfolios.toReversed() : portfolios;
  const sign = isDescending ? -1 : 1;
  const keyed = portfolios.map((portfolio) => ({
    portfolio,
    value: valueOf(rows.get(portfolio.id)?.[by], metric),
  }));
  keyed.sort((a, b) => {
    if (a.value === null || b.value === null) {
      return Number(a.value === null) - Number(b.value === null);
    }
    return sign * (a.value - b.value);
  });
  return keyed.map(({ portfolio }) => portfolio);
}
