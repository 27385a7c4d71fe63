/**
 * A plugin of GraphQL Code Generator: documents as strings that carry the types of their result and
 * variables. Its own `documentMode: string` makes them objects of a class, which a client would
 * have to ship and which libraries that take a string refuse.
 */
import { Kind, print, stripIgnoredCharacters, visit } from 'graphql';

/** What typescript-operations adds to the names of types. */
const SUFFIXES = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' };

export function plugin(_schema, files, { typedDocument = '../typed-document.js' }) {
  const definitions = files.flatMap(({ document }) => document.definitions);
  const fragments = new Map(
    definitions
      .filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
  const withFragments = (operation) => {
    const used = new Set([operation]);
    for (const definition of used) {
      visit(definition, {
        FragmentSpread: ({ name }) => void used.add(fragments.get(name.value)),
      });
    }
    return stripIgnoredCharacters([...used].map(print).join('\n'));
  };
  const documents = definitions
    .filter(({ kind }) => kind === Kind.OPERATION_DEFINITION)
    .map((operation) => {
      const name = operation.name.value;
      const type = name + SUFFIXES[operation.operation];
      const text = JSON.stringify(withFragments(operation));
      return `export const ${name}Document = ${text} as TypedDocument<${type}, ${type}Variables>;`;
    });
  return {
    prepend: [`import type { TypedDocument } from '${typedDocument}';`],
    content: documents.join('\n'),
  };
}
