import type { JSX } from 'preact';
import { accessKey, forgetKey } from '../api/session.js';
import { ConnectionState } from './connection-state.js';
import { link, route, type Route } from './router.js';

const PAGES: readonly { readonly page: Route['page']; readonly name: string }[] = [
  { page: 'portfolios', name: 'Portfolios' },
  { page: 'league', name: 'League table' },
  { page: 'aggregates', name: 'Aggregates' },
];

export function Header(): JSX.Element {
  const { page } = route.value;
  const current = page === 'portfolio' ? 'portfolios' : page;
  return (
    <header class="bar">
      <span class="brand">Rolling metrics</span>
      <nav aria-label="Pages">
        {PAGES.map(({ page: to, name }) => (
          <a key={to} href={link(to)} aria-current={to === current ? 'page' : undefined}>
            {name}
          </a>
        ))}
        <a href="graphiql/">Explorer</a>
      </nav>
      <div class="bar-end">
        <ConnectionState />
        {accessKey.value !== undefined && (
          <button type="button" class="plain" onClick={forgetKey}>
            Forget key
          </button>
        )}
      </div>
    </header>
  );
}
