import { useComputed, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { MetricTerm } from '../controls/metric-term.js';
import { Select } from '../controls/select.js';
import { isWindow, METRICS } from '../format/metrics.js';
import { formatCount } from '../format/numbers.js';
import { counted } from '../format/times.js';
import { StaleNotice } from '../freshness/stale-notice.js';
import { ErrorNotice, Loading } from '../shell/load-state.js';
import type { Parameters } from '../shell/parameters.js';
import { setParameters } from '../shell/router.js';
import { Title } from '../shell/title.js';
import { CELL_METRIC_NAMES, isCellMetric } from './cell-metrics.js';
import { NoPortfolios } from './no-portfolios.js';
import { freshnessIn, PortfolioList } from './portfolio-list.js';
import { PortfolioTable } from './portfolio-table.js';
import { SearchInput } from './search-input.js';
import type { SortOrder } from './sort-order.js';

const METRIC_OPTIONS = CELL_METRIC_NAMES.map((value) => ({ value, name: METRICS[value].name }));

export function PortfoliosPage({ parameters }: { readonly parameters: Parameters }): JSX.Element {
  const { search = '', sort } = parameters;
  const metric = isCellMetric(parameters['metric']) ? parameters['metric'] : 'CUMULATIVE_RETURN';
  const order: SortOrder = {
    by: isWindow(sort) ? sort : 'name',
    isDescending: parameters['direction'] === 'descending',
  };
  const list = useList(search, order.by !== 'name');
  const freshness = useComputed(() => freshnessIn(list.value.rows.value.values())).value;
  const { total, error, portfolios } = list.value;

  const sortBy = (by: SortOrder['by']): void => {
    // Numbers are first looked at from the top.
    const isDescending = by === order.by ? !order.isDescending : by !== 'name';
    setParameters({ sort: by, direction: isDescending ? 'descending' : undefined });
  };

  return (
    <>
      <Title>Portfolios</Title>
      <div class="controls">
        <SearchInput
          value={search}
          onChange={(text) => setParameters({ search: text || undefined })}
        />
        <Select
          label="Number shown"
          options={METRIC_OPTIONS}
          value={metric}
          onChange={(value) => setParameters({ metric: value })}
        />
        <p class="quiet count" role="status">
          {total.value !== undefined && counted(total.value, 'portfolio')}
          <Progress list={list.value} isSorting={order.by !== 'name'} />
        </p>
      </div>
      <StaleNotice freshness={freshness} />
      {error.value && <ErrorNotice error={error.value} />}
      {total.value === undefined && !error.value && <Loading />}
      {total.value === 0 && <NoPortfolios search={search} />}
      {portfolios.value.length > 0 && (
        <>
          <p class="table-caption">
            <MetricTerm metric={metric} /> over four windows, each ending on the last day that its
            aggregate holds for the portfolio; the lines are the last half year.
          </p>
          <PortfolioTable list={list.value} metric={metric} order={order} onSort={sortBy} />
        </>
      )}
    </>
  );
}

/** The list for a search; that of another search is closed. */
function useList(search: string, needsAll: boolean) {
  const first = useMemo(() => new PortfolioList(search), []);
  const list = useSignal(first);
  const searched = useSignal(search);
  useEffect(() => {
    if (searched.peek() === search) return;
    searched.value = search;
    list.peek().close();
    list.value = new PortfolioList(search);
  }, [search]);
  useEffect(() => {
    if (needsAll) list.value.showAll();
  }, [list.value, needsAll]);
  useEffect(() => () => list.peek().close(), []);
  return list;
}

/** How far a long list is, while it loads. */
function Progress({
  list: { total, portfolios, rows },
  isSorting,
}: {
  readonly list: PortfolioList;
  readonly isSorting: boolean;
}): JSX.Element | null {
  const all = total.value ?? 0;
  const loaded = isSorting ? rows.value.size : portfolios.value.length;
  if (loaded >= all) return null;
  return (
    <>
      , {isSorting ? 'sorted so far' : 'loaded so far'}: {formatCount(loaded)}
    </>
  );
}
