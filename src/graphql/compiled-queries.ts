import { HeaderMap, type ApolloServerPlugin } from '@apollo/server';
import {
  BREAK,
  execute,
  GraphQLError,
  isValueNode,
  Kind,
  OperationTypeNode,
  visit,
  type ASTNode,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SourceLocation,
} from 'graphql';
import { compileQuery, isCompiledQuery, type CompiledQuery } from 'graphql-jit';
import { fragmentsOf } from '../access/root-fields.js';
import type { Turns } from '../async/turns.js';
import { createMeasure } from '../limits/document-size.js';
import type { RequestContext } from './context.js';

/** A longer document is left to graphql-js: compiled it would take megabytes. */
const MAX_CHARACTERS = 8000;
/** So is one that selects more fields, fragments in place of their spreads. */
const MAX_FIELDS = 500;

/** An operation of a valid document, which a request has chosen. */
interface RequestedOperation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly context: RequestContext;
  readonly request: {
    readonly operationName?: string | undefined;
    readonly variables?: Readonly<Record<string, unknown>> | undefined;
  };
}

/** What is known of an operation of a stored document; null where it cannot be compiled. */
type Known = CompiledQuery | null | 'seen';

/** How operations are executed. */
export interface Execution {
  /** Responds with what compiled queries give without an error. */
  readonly plugin: ApolloServerPlugin<RequestContext>;
  /** Executes everything else; Apollo formats its errors. */
  readonly execute: (requested: RequestedOperation) => Promise<ExecutionResult>;
}

/**
 * Runs queries by functions compiled for them, and everything else by graphql-js. A document is
 * compiled when it comes again, for one that never does is not worth it. What a compiled query
 * has errors in has run: its errors become those that graphql-js gives. Only where nothing has
 * run, because of its variables, graphql-js says what is wrong.
 */
export function createExecution(turns: Turns): Execution {
  const operations = new WeakMap<OperationDefinitionNode, Known>();
  /** What compiled queries gave that had errors in. */
  const failed = new WeakMap<RequestContext, ExecutionResult>();
  return {
    plugin: {
      async requestDidStart() {
        return {
          async responseForOperation({ schema, document, operation, contextValue, request }) {
            // Of a document without the operation that was named there is none, whatever the type says.
            const selected = operation as OperationDefinitionNode | undefined;
            if (selected?.operation !== OperationTypeNode.QUERY) return null;
            const compiled = compiledFor(operations, schema, document, selected);
            const turn = turns.begin();
            if (turn) await turn;
            const result = await compiled?.query(undefined, contextValue, request.variables);
            if (!result) return null;
            if (result.errors) {
              if ('data' in result) failed.set(contextValue, result);
              return null;
            }
            return {
              http: { headers: new HeaderMap() },
              body: { kind: 'single', singleResult: { data: result.data! } },
            };
          },
        };
      },
    },
    async execute({ schema, document, context, request: { variables, operationName } }) {
      const result = failed.get(context);
      if (result) {
        const errors = result.errors!.map((error) => asInterpreted(error, document));
        return { data: result.data ?? null, errors };
      }
      return execute({
        schema,
        document,
        contextValue: context,
        ...(operationName === undefined ? {} : { operationName }),
        ...(variables ? { variableValues: variables } : {}),
      });
    },
  };
}

/** An error of a compiled query as graphql-js would have it: with its place in the document. */
function asInterpreted(
  { message, locations, path, originalError }: GraphQLError,
  document: DocumentNode,
): GraphQLError {
  const nodes = (locations ?? []).flatMap((location) => nodeAt(document, location) ?? []);
  // An argument is wrong, or else a resolver gave what the schema does not allow.
  const isArgument = nodes.some(isValueNode);
  const cause = originalError ?? (isArgument ? undefined : new Error(message));
  return new GraphQLError(message, {
    nodes,
    path: path ?? null,
    originalError: cause ?? null,
  });
}

/** The field or value that begins there. */
function nodeAt(document: DocumentNode, { line, column }: SourceLocation): ASTNode | undefined {
  let found: ASTNode | undefined;
  visit(document, {
    enter(node) {
      const start = node.loc?.startToken;
      if (start?.line !== line || start.column !== column) return undefined;
      if (node.kind !== Kind.FIELD && !isValueNode(node)) return undefined;
      found = node;
      return BREAK;
    },
  });
  return found;
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
