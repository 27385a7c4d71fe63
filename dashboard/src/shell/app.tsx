import type { JSX } from 'preact';
import { AggregatesPage } from '../aggregates/aggregates-page.js';
import { connection } from '../api/connection.js';
import { accessKey, needsKey } from '../api/session.js';
import { LeaguePage } from '../league/league-page.js';
import { PortfolioPage } from '../portfolio/portfolio-page.js';
import { PortfoliosPage } from '../portfolios/portfolios-page.js';
import { Header } from './header.js';
import { KeyForm } from './key-form.js';
import { route } from './router.js';

export function App(): JSX.Element {
  const isLost = connection.value.failure !== null;
  return (
    <>
      <a class="skip" href="#main" onClick={skipToMain}>
        Skip to content
      </a>
      <Header />
      {needsKey.value ? (
        <KeyForm key={accessKey.value} />
      ) : (
        <main id="main" tabIndex={-1} class={isLost ? 'page is-unchecked' : 'page'}>
          <Page />
        </main>
      )}
    </>
  );
}

function Page(): JSX.Element {
  const { value: current } = route;
  const { parameters } = current;
  if (current.page === 'portfolio') {
    return <PortfolioPage key={current.id} id={current.id} parameters={parameters} />;
  }
  if (current.page === 'league') return <LeaguePage parameters={parameters} />;
  if (current.page === 'aggregates') return <AggregatesPage />;
  return <PortfoliosPage parameters={parameters} />;
}

/** The fragment of the address names the page, so the link cannot lead by itself. */
function skipToMain(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('#main')?.focus();
}
