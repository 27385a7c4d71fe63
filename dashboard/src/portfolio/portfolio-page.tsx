import type { JSX } from 'preact';
import { WindowsDocument, type WindowsQuery } from '../../../client/src/index.js';
import { useLoad } from '../api/use-load.js';
import { Segmented } from '../controls/segmented.js';
import { formatDay } from '../format/days.js';
import { isWindow, WINDOW_NAMES, WINDOWS } from '../format/metrics.js';
import { StaleNotice } from '../freshness/stale-notice.js';
import { LoadState } from '../shell/load-state.js';
import type { Parameters } from '../shell/parameters.js';
import { link, setParameters } from '../shell/router.js';
import { Title } from '../shell/title.js';
import { PeriodControl } from './period-control.js';
import { periodOf } from './period.js';
import { PortfolioCharts } from './portfolio-charts.js';
import { WindowsTable } from './windows-table.js';

const WINDOW_OPTIONS = WINDOW_NAMES.map((value) => ({ value, name: WINDOWS[value].name }));

export function PortfolioPage({
  id,
  parameters,
}: {
  readonly id: string;
  readonly parameters: Parameters;
}): JSX.Element {
  const load = useLoad(
    async (client, variables, signal) => {
      const { portfolio } = await client.execute(WindowsDocument, variables, { signal });
      return portfolio;
    },
    { id },
  ).value;
  return (
    <>
      <p class="breadcrumb">
        <a href={link('portfolios')}>Portfolios</a>
      </p>
      <LoadState load={load}>
        {(portfolio) =>
          portfolio ? (
            <Portfolio portfolio={portfolio} parameters={parameters} />
          ) : (
            <>
              <Title>No such portfolio</Title>
              <p>There is no portfolio with the id {id}, or your key may not see it.</p>
            </>
          )
        }
      </LoadState>
    </>
  );
}

function Portfolio({
  portfolio,
  parameters,
}: {
  readonly portfolio: NonNullable<WindowsQuery['portfolio']>;
  readonly parameters: Parameters;
}): JSX.Element {
  const { id, name, code, baseCurrency, benchmarkId, periodsPerYear, firstDay, lastDay } =
    portfolio;
  const window = isWindow(parameters['window']) ? parameters['window'] : 'ONE_YEAR';
  const { rolling30d, rolling60d, rolling90d, rolling1y } = portfolio;
  return (
    <>
      <Title>{name}</Title>
      <p class="quiet facts">
        {code && `${code} · `}
        {baseCurrency}
        {benchmarkId ? `, against ${benchmarkId}` : ', no benchmark'}
        {firstDay && lastDay && `. Rows from ${formatDay(firstDay)} to ${formatDay(lastDay)}`}.
        Annualised by {periodsPerYear} rows a year.
      </p>
      <StaleNotice
        freshness={[rolling30d, rolling60d, rolling90d, rolling1y].map((of) => of?.freshness)}
      />
      <WindowsTable portfolio={portfolio} />
      {firstDay && lastDay ? (
        <>
          <h2>Over time</h2>
          <div class="controls">
            <Segmented
              label="Window"
              options={WINDOW_OPTIONS}
              value={window}
              onChange={(value) => setParameters({ window: value })}
            />
            <PeriodControl period={periodOf(parameters, { firstDay, lastDay })} />
          </div>
          <PortfolioCharts
            id={id}
            benchmark={benchmarkId}
            window={window}
            period={periodOf(parameters, { firstDay, lastDay })}
          />
        </>
      ) : (
        <p class="empty">No rows are recorded for this portfolio yet.</p>
      )}
    </>
  );
}
