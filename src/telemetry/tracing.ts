import type { ApolloServerPlugin } from '@apollo/server';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { RequestContext } from '../graphql/context.js';

/**
 * A span for each operation, named by its type and carrying its name and the id of the request.
 * Resolvers get none: a span for each field costs ten times the event loop of the operation.
 * Without a tracer provider (start-tracing.ts) spans are no-ops.
 */
export function traceOperations(): ApolloServerPlugin<RequestContext> {
  const tracer = trace.getTracer('rolling-metrics');
  return {
    async requestDidStart({ contextValue }) {
      const startTime = Date.now();
      return {
        async willSendResponse({ operation, operationName, response: { body } }) {
          const { errors } = body.kind === 'single' ? body.singleResult : body.initialResult;
          const type = operation?.operation ?? 'none';
          const span = tracer.startSpan(type, {
            startTime,
            kind: SpanKind.INTERNAL,
            attributes: {
              'graphql.operation.type': type,
              ...(operationName ? { 'graphql.operation.name': operationName } : {}),
              'request.id': contextValue.requestId,
            },
          });
          // Messages may repeat values of the caller; the code does not.
          const code = errors?.[0]?.extensions?.['code'];
          if (errors) span.setStatus({ code: SpanStatusCode.ERROR, message: String(code) });
          span.end();
        },
      };
    },
  };
}
