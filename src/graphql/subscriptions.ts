import { randomUUID } from 'node:crypto';
import type { ApolloServerPlugin } from '@apollo/server';
import { ApolloServerErrorCode } from '@apollo/server/errors';
import {
  createSourceEventStream,
  execute,
  getDirectiveValues,
  getOperationAST,
  GraphQLError,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  Kind,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type FormattedExecutionResult,
  type GraphQLFormattedError,
  type GraphQLSchema,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationRule,
} from 'graphql';
import type { Context, ServerOptions } from 'graphql-ws';
import type { Logger } from 'pino';
import type { Access } from '../access/access.js';
import { fragmentsOf } from '../access/root-fields.js';
import { badUserInput, messageOf } from '../errors.js';
import { documentLimits } from '../limits/document-limits.js';
import { DEFAULT_LIMITS, type OperationLimits } from '../limits/limits-config.js';
import { createOperationCost } from '../limits/operation-cost.js';
import { createRateLimit, type RateLimit } from '../limits/rate-limit.js';
import {
  authorizationOf,
  orClose,
  TRY_AGAIN_LATER,
  type ConnectionExtra,
} from './connection-access.js';
import type { RequestContext, RequestInfo } from './context.js';
import { createErrorFormatter } from './format-error.js';

/** Enough for a page that watches every aggregate several times over; each costs a listener. */
const MAX_SUBSCRIPTIONS = 20;

export interface SubscriptionOptions {
  readonly schema: GraphQLSchema;
  /** Called again for each connection, operation and event: a key may be revoked meanwhile. */
  readonly access: Pick<Access, 'authenticate'>;
  /** Called for each operation, and for each event of it: loaders hold what they once read. */
  readonly createContext: (info: RequestInfo) => RequestContext;
  readonly log: Logger;
  /** Whether errors may say what the schema has instead of a wrong name. */
  readonly suggestions: boolean;
  /** The rules that HTTP has besides those of the specification. */
  readonly validationRules?: readonly ValidationRule[];
  readonly limits?: OperationLimits;
  readonly rateLimit?: RateLimit;
  /** How many operations one connection may have at a time. */
  readonly maxSubscriptions?: number;
}

interface SubscriptionArgs extends ExecutionArgs {
  /** A context for the next event; null: there is none for this caller any more. */
  readonly renew: () => Promise<RequestContext | null>;
}

/** GraphQL over WebSocket: subscriptions and nothing else, with the errors that HTTP gives. */
export function createSubscriptions({
  schema,
  access,
  createContext,
  log,
  suggestions,
  validationRules = [],
  limits = DEFAULT_LIMITS.operation,
  rateLimit = createRateLimit(0),
  maxSubscriptions = MAX_SUBSCRIPTIONS,
}: SubscriptionOptions): ServerOptions {
  const rules = [...specifiedRules, documentLimits(limits), ...validationRules];
  const costOf = createOperationCost(limits.maxCost);
  const formatError = createErrorFormatter(log, { suggestions });
  const format = (error: GraphQLError): GraphQLFormattedError => {
    // What a source of events throws comes wrapped, its message in the open.
    const raw = error.nodes ? error : (error.originalError ?? error);
    return formatError({ ...error.toJSON(), extensions: { code: codeOf(error) } }, raw);
  };
  /** A context of the connection's caller; null when it is closed because there is none. */
  const renewed = ({ connectionParams, extra }: Context): Promise<RequestContext | null> =>
    orClose(
      extra as ConnectionExtra,
      async () => {
        const caller = await access.authenticate(authorizationOf(connectionParams));
        return createContext({ caller, requestId: randomUUID() });
      },
      (error) => log.warn({ err: error }, 'a WebSocket client could not be authenticated'),
    );
  return {
    async onConnect(connection) {
      const context = await renewed(connection);
      if (!context) return false;
      const { place, close } = connection.extra as ConnectionExtra;
      const hasPlace = place.assign(context.caller);
      if (!hasPlace)
        close(TRY_AGAIN_LATER, 'The caller has too many connections; close one first.');
      return hasPlace;
    },
    async onSubscribe(connection, _id, { query, operationName, variables }) {
      const { subscriptions } = connection;
      // The requested one is counted already.
      if (Object.keys(subscriptions).length > maxSubscriptions) {
        return [
          badUserInput(
            `A connection takes at most ${maxSubscriptions} subscriptions at a time; end one before another.`,
          ),
        ];
      }
      const document = parseOrRefuse(query, limits);
      if (document instanceof GraphQLError) return [document];
      const operation = getOperationAST(document, operationName);
      if (operation && operation.operation !== OperationTypeNode.SUBSCRIPTION) {
        return [
          badUserInput(
            `Only subscriptions are taken over WebSocket, but got a ${operation.operation}; send it over HTTP.`,
          ),
        ];
      }
      const faults = faultsOf(schema, document, rules);
      if (faults.length > 0) {
        return faults.map((fault) =>
          withCode(fault, ApolloServerErrorCode.GRAPHQL_VALIDATION_FAILED),
        );
      }
      if (!operation) return [unresolved(operationName)];
      const contextValue = await renewed(connection);
      // The connection is being closed: no client receives this.
      if (!contextValue) return [new GraphQLError('Unauthorized')];
      try {
        await rateLimit.count(contextValue.caller, (connection.extra as ConnectionExtra).address);
        costOf({ schema, document, operation, variables: variables ?? undefined });
      } catch (error) {
        if (error instanceof GraphQLError) return [error];
        throw error;
      }
      return {
        schema,
        document,
        operationName,
        variableValues: variables,
        contextValue,
        renew: () => renewed(connection),
      } satisfies SubscriptionArgs;
    },
    subscribe: (args) => subscribe(args as SubscriptionArgs),
    onNext(_connection, _id, _payload, _args, result) {
      if (!result.errors) return undefined;
      return { ...result, errors: result.errors.map(format) } as FormattedExecutionResult;
    },
    onError: (_connection, _id, _payload, errors) => errors.map(format),
  };
}

/** Refuses subscriptions over HTTP, which would be executed like a query and give nothing. */
export function subscriptionsOverWebSocketOnly(): ApolloServerPlugin<RequestContext> {
  return {
    async requestDidStart() {
      return {
        async didResolveOperation({ operation }) {
          if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) return;
          throw new GraphQLError(
            'Subscriptions are not taken over HTTP; send this one over WebSocket (graphql-transport-ws) to the same address.',
            { extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } } },
          );
        },
      };
    },
  };
}

/** Like graphql-js, but each event is executed with a context of its own, as long as there is one. */
async function subscribe(
  args: SubscriptionArgs,
): Promise<AsyncIterable<ExecutionResult> | ExecutionResult> {
  let events: Awaited<ReturnType<typeof createSourceEventStream>>;
  try {
    if (!asksForAnything(args)) return noEvents();
    events = await createSourceEventStream(args);
  } catch (error) {
    // Thrown, it would end the connection and every other subscription on it.
    return { errors: [asGraphqlError(error)] };
  }
  if (!(Symbol.asyncIterator in events)) return events;
  const source = events[Symbol.asyncIterator]();
  const results = resultsOf({ [Symbol.asyncIterator]: () => source }, async (rootValue) => {
    const contextValue = await args.renew();
    return contextValue && execute({ ...args, rootValue, contextValue });
  });
  return Object.assign(results, {
    // A generator that waits for an event cannot be ended, but what it waits for can.
    async return(): Promise<IteratorReturnResult<void>> {
      await source.return?.();
      return { done: true, value: undefined };
    },
  });
}

/**
 * Whether directives leave anything of a subscription; graphql-js expects a field. With variables
 * they are refused by validation.
 */
function asksForAnything({ document, operationName }: SubscriptionArgs): boolean {
  const isIncluded = (node: SelectionNode): boolean =>
    getDirectiveValues(GraphQLSkipDirective, node)?.['if'] !== true &&
    getDirectiveValues(GraphQLIncludeDirective, node)?.['if'] !== false;
  const fragments = fragmentsOf(document);
  const selectsAny = ({ selections }: SelectionSetNode): boolean =>
    selections.some((node) => {
      if (!isIncluded(node)) return false;
      if (node.kind === Kind.FIELD) return true;
      if (node.kind === Kind.INLINE_FRAGMENT) return selectsAny(node.selectionSet);
      return selectsAny(fragments[node.name.value]!.selectionSet);
    });
  return selectsAny(getOperationAST(document, operationName)!.selectionSet);
}

/** What is wrong with a document; a rule of graphql-js throws at directives with variables. */
function faultsOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  rules: readonly ValidationRule[],
): readonly GraphQLError[] {
  try {
    return validate(schema, document, rules);
  } catch (error) {
    const { nodes } = asGraphqlError(error);
    return [
      new GraphQLError('The field of a subscription takes no @skip or @include with a variable', {
        nodes: nodes ?? null,
        originalError: error as Error,
      }),
    ];
  }
}

function asGraphqlError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  return new GraphQLError(messageOf(error), { originalError: error as Error });
}

async function* noEvents(): AsyncGenerator<never, void> {
  // Ends at once.
}

async function* resultsOf<Event, Result>(
  events: AsyncIterable<Event>,
  execution: (event: Event) => Promise<Result | null>,
): AsyncGenerator<Result, void> {
  for await (const event of events) {
    const result = await execution(event);
    if (result === null) return;
    yield result;
  }
}

function parseOrRefuse(
  query: string,
  { maxTokens }: Pick<OperationLimits, 'maxTokens'>,
): DocumentNode | GraphQLError {
  try {
    return parse(query, { maxTokens });
  } catch (error) {
    // A document of very many levels gives a RangeError.
    const fault = error instanceof GraphQLError ? error : new GraphQLError(messageOf(error));
    return withCode(fault, ApolloServerErrorCode.GRAPHQL_PARSE_FAILED);
  }
}

function unresolved(operationName: string | null | undefined): GraphQLError {
  const message = operationName
    ? `Unknown operation named "${operationName}".`
    : 'Must provide operation name if query contains multiple operations.';
  return withCode(new GraphQLError(message), ApolloServerErrorCode.OPERATION_RESOLUTION_FAILURE);
}

function withCode(error: GraphQLError, code: string): GraphQLError {
  const { nodes, source, positions, originalError, extensions } = error;
  return new GraphQLError(error.message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    originalError: originalError ?? null,
    extensions: { ...extensions, code },
  });
}

/** The code that Apollo would give the error. */
function codeOf({ extensions, nodes }: GraphQLError): unknown {
  const { code } = extensions;
  if (code !== undefined) return code;
  const isVariable = nodes?.length === 1 && nodes[0]!.kind === Kind.VARIABLE_DEFINITION;
  return isVariable
    ? ApolloServerErrorCode.BAD_USER_INPUT
    : ApolloServerErrorCode.INTERNAL_SERVER_ERROR;
}
