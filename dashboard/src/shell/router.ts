import { signal } from '@preact/signals';
import type { Parameters } from './parameters.js';

export type Route =
  | { readonly page: 'portfolios'; readonly parameters: Parameters }
  | { readonly page: 'portfolio'; readonly id: string; readonly parameters: Parameters }
  | { readonly page: 'league'; readonly parameters: Parameters }
  | { readonly page: 'aggregates'; readonly parameters: Parameters };

/** The page that the fragment of the address names. */
export const route = signal(parse(location.hash));

addEventListener('hashchange', () => (route.value = parse(location.hash)));

/** The address of a page, to be linked. */
export function link(path: string, parameters: Parameters = {}): string {
  const query = new URLSearchParams(parameters).toString();
  return `#/${path}${query && `?${query}`}`;
}

/** Changes parameters of the current page, without an entry in the history; undefined removes one. */
export function setParameters(changes: Readonly<Record<string, string | undefined>>): void {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  const parameters = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) parameters.delete(name);
    else parameters.set(name, value);
  }
  history.replaceState(null, '', link(path, Object.fromEntries(parameters)));
  route.value = parse(location.hash);
}

function parse(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const parameters = Object.fromEntries(new URLSearchParams(query));
  const [page, id] = path.split('/');
  if (page === 'portfolio' && id) return { page, id: decodeURIComponent(id), parameters };
  if (page === 'league' || page === 'aggregates') return { page, parameters };
  return { page: 'portfolios', parameters };
}
