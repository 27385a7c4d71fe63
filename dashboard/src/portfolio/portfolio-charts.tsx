import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { RollingWindow } from '../../../client/src/index.js';
import { useLoad } from '../api/use-load.js';
import { WINDOWS } from '../format/metrics.js';
import { StaleNotice } from '../freshness/stale-notice.js';
import { PortfolioChartsDocument, type PortfolioChartsQuery } from '../generated/operations.js';
import { LoadState } from '../shell/load-state.js';
import { ChartGroup } from './chart-group.js';
import { panelsOf } from './chart-panels.js';
import { ExportLinks } from './export-links.js';
import type { Days } from './period.js';

/** The charts of one portfolio, of one window over one period. */
export function PortfolioCharts({
  id,
  benchmark,
  window,
  period,
}: {
  readonly id: string;
  readonly benchmark: string | null;
  readonly window: RollingWindow;
  readonly period: Days;
}): JSX.Element {
  const { from, to } = period;
  const { minObservations } = WINDOWS[window];
  const load = useLoad(
    async (client, variables, signal) => {
      const { portfolio } = await client.execute(PortfolioChartsDocument, variables, { signal });
      return { portfolio, requested: variables };
    },
    { id, window, from, to, minObservations },
    { keep: true },
  ).value;
  return (
    <LoadState load={load}>
      {/* What is shown says what it is, also while another window loads. */}
      {({ portfolio, requested }) =>
        portfolio && (
          <>
            <StaleNotice freshness={[portfolio.series.freshness, portfolio.beta.freshness]} />
            <p class="table-caption">
              The first chart compounds the recorded daily returns from the beginning of the period.
              Each point of the others is the window of {WINDOWS[requested.window].name} that ends
              on its day; points from fewer than {requested.minObservations} returns are left out.
              Lines break where values are missing.
            </p>
            <Charts portfolio={portfolio} benchmark={benchmark} period={requested} />
            <ExportLinks id={id} window={requested.window} period={requested} />
          </>
        )
      }
    </LoadState>
  );
}

function Charts({
  portfolio,
  benchmark,
  period,
}: {
  readonly portfolio: NonNullable<PortfolioChartsQuery['portfolio']>;
  readonly benchmark: string | null;
  readonly period: Days;
}): JSX.Element {
  const panels = useMemo(() => panelsOf(portfolio, benchmark), [portfolio, benchmark]);
  return <ChartGroup panels={panels} period={period} />;
}
