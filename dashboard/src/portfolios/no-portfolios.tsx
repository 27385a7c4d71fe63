import type { JSX } from 'preact';

/** What to do where there is nothing to show. */
export function NoPortfolios({ search }: { readonly search: string }): JSX.Element {
  if (search) return <p class="empty">No portfolio’s name contains “{search}”.</p>;
  return (
    <div class="empty">
      <p>There are no portfolios yet. Import a file of daily returns:</p>
      <pre>rolling-metrics import --portfolios portfolios.csv daily.csv</pre>
    </div>
  );
}
