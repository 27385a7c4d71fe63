import { Gauge, Histogram, type Registry } from 'prom-client';

/** What requests leave behind while they are served. Every label has few values, none a client's. */
export interface RequestMetrics {
  /** Seconds from the head of an HTTP request to the end of its response. */
  readonly http: Histogram<'route' | 'status'>;
  /** Seconds that a GraphQL operation took. */
  readonly operations: Histogram<'operation' | 'errors'>;
  /** Seconds that the resolver of a field of Query or Mutation took. */
  readonly rootFields: Histogram<'operation' | 'field'>;
  readonly webSocketConnections: Gauge;
}

/** Upper bounds in seconds: a response out of memory takes one millisecond, a long series many. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createRequestMetrics(registry: Registry): RequestMetrics {
  const registers = [registry];
  return {
    http: new Histogram({
      name: 'rolling_metrics_http_request_duration_seconds',
      help: 'Seconds from the head of an HTTP request to the end of its response.',
      labelNames: ['route', 'status'],
      buckets: BUCKETS,
      registers,
    }),
    operations: new Histogram({
      name: 'rolling_metrics_graphql_operation_duration_seconds',
      help: 'Seconds that a GraphQL operation over HTTP took; errors: none, client (the request was wrong) or server.',
      labelNames: ['operation', 'errors'],
      buckets: BUCKETS,
      registers,
    }),
    rootFields: new Histogram({
      name: 'rolling_metrics_graphql_root_field_duration_seconds',
      help: 'Seconds that the resolver of a field of Query or Mutation took, without the fields below it.',
      labelNames: ['operation', 'field'],
      buckets: BUCKETS,
      registers,
    }),
    webSocketConnections: new Gauge({
      name: 'rolling_metrics_websocket_connections',
      help: 'Open WebSocket connections.',
      registers,
    }),
  };
}

/** Seconds since a reading of performance.now(). */
export function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}
