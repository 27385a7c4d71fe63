/** The documented operations, in the order in which they are best met. */
const DOCUMENTS = import.meta.glob<string>('../../schema/operations/*.graphql', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const ORDER = ['portfolios', 'four-windows', 'chart', 'league-table', 'health'];

/** A portfolio to show, and its last day. */
interface Example {
  readonly id: string;
  readonly lastDay: string | null;
}

const EXAMPLE_QUERY = '{ portfolios(first: 1) { edges { node { id lastDay } } } }';

/** The operations with variables that suit the portfolios of this server. */
export async function tour(
  url: string,
): Promise<readonly { readonly query: string; readonly variables: string }[]> {
  const { id, lastDay } = await findExample(url);
  const to = lastDay ?? new Date().toISOString().slice(0, 10);
  const from = `${Number(to.slice(0, 4)) - 1}${to.slice(4, 8)}01`;
  const variables: Readonly<Record<string, object>> = {
    portfolios: { first: 10 },
    'four-windows': { id },
    chart: { id, from, to },
    'league-table': { first: 10 },
  };
  return ORDER.map((name) => ({
    query: DOCUMENTS[`../../schema/operations/${name}.graphql`]!,
    variables: JSON.stringify(variables[name] ?? {}, null, 2),
  }));
}

/** The first portfolio; a sample portfolio where there is none, or a key has to be entered first. */
async function findExample(url: string): Promise<Example> {
  const sample = { id: '5a3f1c00-0000-4000-8000-000000000001', lastDay: '2018-05-11' };
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: EXAMPLE_QUERY }),
  }).catch(() => null);
  if (!response?.ok) return sample;
  const { data } = (await response.json()) as {
    data?: { portfolios: { edges: readonly { node: Example }[] } } | null;
  };
  return data?.portfolios.edges[0]?.node ?? sample;
}
