import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../telemetry/metrics.js';
import { PUBLIC } from './closed-routes.js';

/** `/metrics` for Prometheus, and the clock on every request. */
export function addMetricsRoute(server: FastifyInstance, metrics: Metrics): void {
  server.addHook('onResponse', (request, reply, done) => {
    // The path of the route, not of the request, which is the client's to choose.
    const { url: route = 'none' } = request.routeOptions;
    metrics.requests.http.observe(
      { route, status: String(reply.statusCode) },
      reply.elapsedTime / 1000,
    );
    done();
  });
  server.get('/metrics', PUBLIC, async (_request, reply) => {
    const text = await metrics.scrape();
    return reply.type(metrics.contentType).header('cache-control', 'no-store').send(text);
  });
}
