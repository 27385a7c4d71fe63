import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { ApolloServerPluginLandingPageLocalDefault } from '@apollo/server/plugin/landingPage/default';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import { costLimit } from '../limits/cost-limit.js';
import { documentLimits } from '../limits/document-limits.js';
import { DEFAULT_LIMITS } from '../limits/limits-config.js';
import type { OperationLimits } from '../limits/limits-config.js';
import { compiledQueries } from './compiled-queries.js';
import type { RequestContext } from './context.js';
import { createErrorFormatter } from './format-error.js';

export interface ApolloOptions {
  readonly schema: GraphQLSchema;
  /** Whether to offer the Sandbox and introspection. */
  readonly explore: boolean;
  readonly log: Logger;
  readonly limits?: OperationLimits;
}

/** What the Sandbox shows when it is opened. */
const FIRST_QUERY = `query Portfolios {
  portfolios {
    edges {
      node {
        name
        rolling1y { asOf cumulativeReturn volatility sharpeRatio maxDrawdown beta }
      }
    }
  }
}
`;

/** The GraphQL server, not yet started. */
export function createApollo({
  schema,
  explore,
  log,
  limits = DEFAULT_LIMITS.operation,
}: ApolloOptions): ApolloServer<RequestContext> {
  return new ApolloServer<RequestContext>({
    schema,
    introspection: explore,
    parseOptions: { maxTokens: limits.maxTokens },
    validationRules: [documentLimits(limits)],
    // One operation a request: a batch would be a way around every limit of one.
    allowBatchedHttpRequests: false,
    csrfPrevention: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    logger: log,
    formatError: createErrorFormatter(log),
    // Parsed and validated documents are kept by default, persisted ones within the same bound.
    cache: 'bounded',
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      costLimit(limits),
      compiledQueries(),
      explore
        ? ApolloServerPluginLandingPageLocalDefault({
            embed: true,
            footer: false,
            document: FIRST_QUERY,
          })
        : ApolloServerPluginLandingPageDisabled(),
    ],
  });
}
