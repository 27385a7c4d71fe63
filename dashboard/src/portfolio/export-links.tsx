import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { RollingWindow } from '../../../client/src/index.js';
import { accessKey, SERVER_URL } from '../api/session.js';
import { WINDOWS } from '../format/metrics.js';
import { PortfolioChartsDocument } from '../generated/operations.js';
import { ErrorNotice } from '../shell/load-state.js';
import { download } from './download.js';
import type { Days } from './period.js';

const METRICS = 'VOLATILITY,SHARPE_RATIO,CURRENT_DRAWDOWN';

/** The numbers of the charts as files, and the query that they come from. */
export function ExportLinks({
  id,
  window,
  period: { from, to },
}: {
  readonly id: string;
  readonly window: RollingWindow;
  readonly period: Days;
}): JSX.Element {
  const error = useSignal<Error | undefined>(undefined);
  const metrics = window === 'ONE_YEAR' ? `${METRICS},BETA` : METRICS;
  const file = (name: string, kind: string, parameters: Record<string, string>): JSX.Element => {
    const query = new URLSearchParams({ portfolios: id, from, to, ...parameters });
    const { href } = new URL(`export/${kind}?${query.toString()}`, SERVER_URL);
    return (
      <a href={href} download onClick={(event) => withKey(event, href)}>
        {name}
      </a>
    );
  };
  // A link cannot carry the key.
  const withKey = (event: Event, href: string): void => {
    if (accessKey.value === undefined) return;
    event.preventDefault();
    error.value = undefined;
    download(href, accessKey.value).catch((failure: unknown) => (error.value = failure as Error));
  };
  return (
    <>
      <p class="links">
        The same numbers as <a href={explorerAddress(id, window, from, to)}>GraphQL</a>,{' '}
        {file('CSV', 'series', { window, metrics, format: 'csv' })},{' '}
        {file('Parquet', 'series', { window, metrics, format: 'parquet' })}; their{' '}
        {file('recorded rows', 'daily', { format: 'csv' })} as CSV.
      </p>
      {error.value && <ErrorNotice error={error.value} />}
    </>
  );
}

/** The explorer with the query of the charts. */
function explorerAddress(id: string, window: RollingWindow, from: string, to: string): string {
  const { minObservations } = WINDOWS[window];
  const parameters = new URLSearchParams({
    query: PortfolioChartsDocument,
    variables: JSON.stringify({ id, window, from, to, minObservations }),
  });
  return new URL(`graphiql/?${parameters.toString()}`, SERVER_URL).href;
}
