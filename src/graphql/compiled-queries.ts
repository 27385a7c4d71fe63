import { HeaderMap } from '@apollo/server';
import type { ApolloServerPlugin } from '@apollo/server';
import { OperationTypeNode } from 'graphql';
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import type { CompiledQuery } from 'graphql-jit';
import { fragmentsOf } from '../access/root-fields.js';
import { createMeasure } from '../limits/document-size.js';
import type { RequestContext } from './context.js';

/** A longer document is left to graphql-js: compiled it would take megabytes. */
const MAX_CHARACTERS = 8000;
/** So is one that asks for more fields, fragments in place of their spreads. */
const MAX_FIELDS = 500;

/** What is known of an operation of a stored document; null where it cannot be compiled. */
type Known = CompiledQuery | null | 'seen';

/**
 * Runs queries by functions compiled for them. A document is compiled when it comes again, for
 * one that never does is not worth it. What a query has errors in is left to graphql-js, whose
 * errors are the ones everybody knows; that a query then runs twice changes nothing. Mutations
 * are always left to it.
 */
export function compiledQueries(): ApolloServerPlugin<RequestContext> {
  const operations = new WeakMap<OperationDefinitionNode, Known>();
  return {
    async requestDidStart() {
      return {
        async responseForOperation({
          schema,
          document,
          operation: selected,
          request,
          contextValue,
        }) {
          // Of a document without the operation that was named there is none, whatever the type says.
          const operation = selected as OperationDefinitionNode | undefined;
          if (operation?.operation !== OperationTypeNode.QUERY) return null;
          const compiled = compiledFor(operations, schema, document, operation);
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
 * Whether graphql-jit runs an operation rightly, and does not grow by compiling it: it loses fields
 * where a fragment is used twice and one use has a condition, and it writes every use of a
 * fragment out.
 */
function isCompilable(document: DocumentNode, operation: OperationDefinitionNode): boolean {
  const text = document.loc?.source.body ?? '';
  if (text === '' || text.length > MAX_CHARACTERS || /@|__proto__/.test(text)) return false;
  const fragments = fragmentsOf(document);
  const { fields } = createMeasure((name) => fragments[name])(operation.selectionSet);
  return fields <= MAX_FIELDS;
}

function compiledFor(
  operations: WeakMap<OperationDefinitionNode, Known>,
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): CompiledQuery | null {
  const known = operations.get(operation);
  if (known === undefined) {
    operations.set(operation, 'seen');
    return null;
  }
  if (known !== 'seen') return known;
  const compiled = isCompilable(document, operation)
    ? // Every scalar's value is what it is sent as; checking each of ten thousand numbers is not free.
      compileQuery(schema, document, operation.name?.value, { disableLeafSerialization: true })
    : null;
  const query = compiled && isCompiledQuery(compiled) ? compiled : null;
  operations.set(operation, query);
  return query;
}
