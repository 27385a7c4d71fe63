import { ApolloServer, type ApolloServerOptions } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import type { Turns } from '../async/turns.js';
import { CostGate } from '../limits/cost-gate.js';
import { costLimit } from '../limits/cost-limit.js';
import { documentLimits } from '../limits/document-limits.js';
import { DEFAULT_LIMITS, type OperationLimits } from '../limits/limits-config.js';
import { createExecution, type Execution } from './compiled-queries.js';
import type { RequestContext } from './context.js';
import { createErrorFormatter } from './format-error.js';
import { sandboxPage } from './sandbox-page.js';
import { createResultWriter } from './write-result.js';

export interface ApolloOptions {
  readonly schema: GraphQLSchema;
  /** Whether to offer the Sandbox and introspection. */
  readonly explore: boolean;
  readonly log: Logger;
  readonly limits?: OperationLimits;
  readonly costGate?: CostGate;
  /** The longest response, in bytes. */
  readonly maxResponseBytes?: number;
  readonly turns: Turns;
}

/** The GraphQL server, not yet started. */
export function createApollo({
  schema,
  explore,
  log,
  limits = DEFAULT_LIMITS.operation,
  costGate = new CostGate(DEFAULT_LIMITS.maxConcurrentCost),
  maxResponseBytes = DEFAULT_LIMITS.maxResponseBytes,
  turns,
}: ApolloOptions): ApolloServer<RequestContext> {
  const execution = createExecution(turns);
  return new ApolloServer<RequestContext>({
    gateway: executing(schema, execution),
    introspection: explore,
    parseOptions: { maxTokens: limits.maxTokens },
    validationRules: [documentLimits(limits)],
    // One operation a request: a batch would be a way around every limit of one.
    allowBatchedHttpRequests: false,
    csrfPrevention: true,
    stringifyResult: createResultWriter(maxResponseBytes, turns),
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    logger: log,
    formatError: createErrorFormatter(log, { suggestions: explore }),
    // Parsed and validated documents are cached by default, persisted ones within the same bound.
    cache: 'bounded',
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      costLimit(limits, costGate),
      execution.plugin,
      explore ? sandboxPage() : ApolloServerPluginLandingPageDisabled(),
    ],
  });
}

/** The schema with an executor of its own, which Apollo takes from what it calls a gateway. */
function executing(
  schema: GraphQLSchema,
  { execute }: Pick<Execution, 'execute'>,
): NonNullable<ApolloServerOptions<RequestContext>['gateway']> {
  let publish:
    ((loaded: { apiSchema: GraphQLSchema; coreSupergraphSdl: string }) => void) | undefined;
  return {
    onSchemaLoadOrUpdate(callback) {
      publish = callback;
      return () => undefined;
    },
    async load() {
      publish?.({ apiSchema: schema, coreSupergraphSdl: '' });
      return {
        executor: ({ context, ...requested }) =>
          execute({ ...requested, context: context as RequestContext }),
      };
    },
    stop: async () => undefined,
  };
}
