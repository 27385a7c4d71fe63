import { parse, print } from 'graphql';

/** A query and its variables that a link gives, as the dashboard's do. */
export function linkedOperation(
  address: string,
): { readonly initialQuery: string; readonly initialVariables: string } | null {
  const { searchParams } = new URL(address);
  const query = searchParams.get('query');
  if (query === null) return null;
  return { initialQuery: printed(query), initialVariables: searchParams.get('variables') ?? '{}' };
}

/** With lines and indents; what cannot be parsed stays as it is. */
function printed(query: string): string {
  try {
    return print(parse(query));
  } catch {
    return query;
  }
}
