import type { ApolloServerPlugin } from '@apollo/server';
import {
  defaultFieldResolver,
  type GraphQLFieldResolver,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from 'graphql';
import type { RequestContext } from '../graphql/context.js';
import { secondsSince, type RequestMetrics } from './request-metrics.js';

/** Codes of errors that are not the client's doing: what an alert should look at. */
const SERVER_ERRORS = new Set<unknown>([
  'INTERNAL_SERVER_ERROR',
  'DATABASE_UNAVAILABLE',
  'QUERY_TIMEOUT',
  'OVERLOADED',
]);

type Instruments = Pick<RequestMetrics, 'operations' | 'rootFields'>;

/** Measures operations and the resolvers of root fields. */
export function createGraphqlMetrics({
  operations,
  rootFields,
}: Instruments): ApolloServerPlugin<RequestContext> {
  return {
    async serverWillStart({ schema }) {
      timeRootFields(schema, rootFields);
    },
    async requestDidStart() {
      const started = performance.now();
      return {
        async willSendResponse({ operation, response: { body } }) {
          const { errors } = body.kind === 'single' ? body.singleResult : body.initialResult;
          operations.observe(
            // A document that cannot be parsed has no operation.
            { operation: operation?.operation ?? 'none', errors: blame(errors) },
            secondsSince(started),
          );
        },
      };
    },
  };
}

function blame(errors: readonly GraphQLFormattedError[] | undefined): 'none' | 'client' | 'server' {
  if (!errors || errors.length === 0) return 'none';
  const isServers = errors.some(({ extensions }) => SERVER_ERRORS.has(extensions?.['code']));
  return isServers ? 'server' : 'client';
}

/**
 * Puts a clock around the resolvers of Query and Mutation. Apollo's own hook for resolvers wraps
 * every field of the schema, which a list of ten thousand numbers would pay for; this wraps a dozen.
 */
function timeRootFields(schema: GraphQLSchema, rootFields: Instruments['rootFields']): void {
  const roots = { query: schema.getQueryType(), mutation: schema.getMutationType() };
  for (const [operation, type] of Object.entries(roots)) {
    for (const field of Object.values(type?.getFields() ?? {})) {
      const timer = rootFields.labels({ operation, field: field.name });
      field.resolve = timed(field.resolve ?? defaultFieldResolver, (seconds) =>
        timer.observe(seconds),
      );
    }
  }
}

function timed(
  resolve: GraphQLFieldResolver<unknown, unknown>,
  observe: (seconds: number) => void,
): GraphQLFieldResolver<unknown, unknown> {
  return (...args) => {
    const started = performance.now();
    const done = (): void => observe(secondsSince(started));
    const result = resolve(...args);
    if (result instanceof Promise) return result.finally(done);
    done();
    return result;
  };
}
