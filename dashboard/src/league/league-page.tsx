import type { JSX } from 'preact';
import {
  RankingDocument,
  type RankingQueryVariables,
  type SortDirection,
} from '../../../client/src/index.js';
import { useLoad } from '../api/use-load.js';
import { DayInput } from '../controls/day-input.js';
import { Segmented } from '../controls/segmented.js';
import { Select } from '../controls/select.js';
import {
  isMetric,
  isWindow,
  METRIC_NAMES,
  METRICS,
  WINDOW_NAMES,
  WINDOWS,
  windowServes,
} from '../format/metrics.js';
import { StaleNotice } from '../freshness/stale-notice.js';
import { METRIC_FACTS } from '../generated/metrics.js';
import { LoadState } from '../shell/load-state.js';
import type { Parameters } from '../shell/parameters.js';
import { setParameters } from '../shell/router.js';
import { Title } from '../shell/title.js';
import { LeagueTable } from './league-table.js';
import { TextFilter } from './text-filter.js';

const METRIC_OPTIONS = METRIC_NAMES.map((value) => ({ value, name: METRICS[value].name }));
const DIRECTIONS = [
  { value: 'DESC', name: 'Highest first' },
  { value: 'ASC', name: 'Lowest first' },
] as const satisfies readonly { value: SortDirection; name: string }[];
const SIZES = ['20', '50', '200'].map((value) => ({ value, name: `First ${value}` }));

export function LeaguePage({ parameters }: { readonly parameters: Parameters }): JSX.Element {
  const variables = variablesOf(parameters);
  const { metric, window } = variables;
  const load = useLoad(
    async (client, wanted, signal) =>
      (await client.execute(RankingDocument, wanted, { signal })).ranking,
    variables,
    { keep: true },
  ).value;
  return (
    <>
      <Title>League table</Title>
      <div class="controls">
        <Select
          label="Metric"
          options={METRIC_OPTIONS}
          value={metric}
          onChange={(value) => setParameters({ metric: value })}
        />
        <Segmented
          label="Window"
          options={WINDOW_NAMES.filter((name) => windowServes(name, metric)).map((value) => ({
            value,
            name: WINDOWS[value].name,
          }))}
          value={window}
          onChange={(value) => setParameters({ window: value })}
        />
        <Segmented
          label="Order"
          options={DIRECTIONS}
          value={variables.direction}
          onChange={(value) => setParameters({ direction: value })}
        />
        <Select
          label="Length"
          options={SIZES}
          value={String(variables.first)}
          onChange={(value) => setParameters({ first: value })}
        />
        <DayInput
          label="As of"
          value={parameters['asOf']}
          onChange={(asOf) => setParameters({ asOf })}
        />
        <TextFilter
          label="Currency"
          value={parameters['baseCurrency']}
          onChange={(baseCurrency) => setParameters({ baseCurrency })}
        />
        <TextFilter
          label="Benchmark"
          value={parameters['benchmarkId']}
          onChange={(benchmarkId) => setParameters({ benchmarkId })}
        />
      </div>
      <p class="quiet formula">{METRIC_FACTS[metric].description}</p>
      <LoadState load={load}>
        {(ranking) => (
          <>
            <StaleNotice freshness={[ranking.freshness]} />
            <LeagueTable ranking={ranking} />
          </>
        )}
      </LoadState>
    </>
  );
}

/** The ranking in the address; a window that does not serve the metric is replaced by one that does. */
function variablesOf(parameters: Parameters) {
  const { asOf, baseCurrency, benchmarkId, first } = parameters;
  const metric = isMetric(parameters['metric']) ? parameters['metric'] : 'SHARPE_RATIO';
  const requested = isWindow(parameters['window']) ? parameters['window'] : 'ONE_YEAR';
  return {
    metric,
    window: windowServes(requested, metric) ? requested : METRIC_FACTS[metric].windows.at(-1)!,
    direction: parameters['direction'] === 'ASC' ? 'ASC' : 'DESC',
    first: SIZES.some(({ value }) => value === first) ? Number(first) : 20,
    asOf: asOf ?? null,
    baseCurrency: baseCurrency ?? null,
    benchmarkId: benchmarkId ?? null,
  } as const satisfies RankingQueryVariables;
}
