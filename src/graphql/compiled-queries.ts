import { HeaderMap } from '@apollo/server';
import type { ApolloServerPlugin } from '@apollo/server';
import { Kind, OperationTypeNode } from 'graphql';
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import type { CompiledQuery } from 'graphql-jit';
import type { RequestContext } from './context.js';

/** A longer document is left to graphql-js: compiled it would take megabytes. */
const MAX_CHARACTERS = 8000;

/** What is known of one operation of a stored document; null where it cannot be compiled. */
type Operations = Map<string | undefined, CompiledQuery | null | 'seen'>;

/**
 * Runs queries by functions compiled for them. A document is compiled when it comes again, for
 * one that never does is not worth it. What a query has errors in is left to graphql-js, whose
 * errors are the ones everybody knows; that a query then runs twice changes nothing. Mutations
 * are always left to it.
 */
export function compiledQueries(): ApolloServerPlugin<RequestContext> {
  const documents = new WeakMap<DocumentNode, Operations>();
  return {
    async requestDidStart() {
      return {
        async responseForOperation({
          schema,
          document,
          operation,
          operationName,
          request,
          contextValue,
        }) {
          // Of a document without the operation that was named there is none, whatever the type says.
          const kind = (operation as OperationDefinitionNode | undefined)?.operation;
          if (kind !== OperationTypeNode.QUERY) return null;
          const compiled = compiledFor(documents, schema, document, operationName ?? undefined);
          if (!compiled) return null;
          const result = await compiled.query(undefined, contextValue, request.variables);
          if (result.errors) return null;
          return {
            http: { headers: new HeaderMap() },
            body: { kind: 'single', singleResult: { data: result.data! } },
          };
        },
      };
    },
  };
}

/**
 * Whether a document is one that graphql-jit runs rightly and that does not grow by being
 * compiled: it loses fields where a fragment is used twice and one use has a condition, and it
 * writes every use of a fragment out.
 */
function isCompilable({ definitions, loc }: DocumentNode): boolean {
  const text = loc?.source.body ?? '';
  const hasFragments = definitions.some(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  const isRisky = /@|__proto__/.test(text);
  return !hasFragments && !isRisky && text.length > 0 && text.length <= MAX_CHARACTERS;
}

function compiledFor(
  documents: WeakMap<DocumentNode, Operations>,
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | undefined,
): CompiledQuery | null {
  let operations = documents.get(document);
  if (!operations) documents.set(document, (operations = new Map()));
  const known = operations.get(operationName);
  if (known === undefined) {
    operations.set(operationName, 'seen');
    return null;
  }
  if (known !== 'seen') return known;
  if (!isCompilable(document)) {
    operations.set(operationName, null);
    return null;
  }
  // Every scalar's value is what it is sent as; checking each of ten thousand numbers is not free.
  const compiled = compileQuery(schema, document, operationName, {
    disableLeafSerialization: true,
  });
  const query = isCompiledQuery(compiled) ? compiled : null;
  operations.set(operationName, query);
  return query;
}
