import type { FastifyInstance, FastifyReply } from 'fastify';
import { CheckTimeout, createCheck } from '../async/check.js';
import type { Database } from '../database/database.js';
import { PUBLIC } from './closed-routes.js';

/** How long the database may take to respond before the server counts as not ready. */
const READY_TIMEOUT_MS = 2000;

export interface HealthRoutesOptions {
  readonly database: Pick<Database, 'write'>;
  /** Whether the application is about to end. */
  readonly isClosing: () => boolean;
  readonly readyTimeoutMs?: number | undefined;
}

/**
 * `/health/live`: whether the process responds; one that is not live should be restarted.
 * `/health/ready`: whether it can serve requests; one that is not ready should receive none.
 */
export function addHealthRoutes(
  server: FastifyInstance,
  { database, isClosing, readyTimeoutMs = READY_TIMEOUT_MS }: HealthRoutesOptions,
): void {
  // A restart fixes no database, so being live does not depend on it.
  server.get('/health/live', PUBLIC, (_request, reply) => respond(reply, 200, { status: 'live' }));

  // The primary: without it no response is computed.
  const check = createCheck(() => database.write('SELECT 1'), readyTimeoutMs);
  server.get('/health/ready', PUBLIC, async (request, reply) => {
    const refuse = (reason: string): FastifyReply =>
      respond(reply, 503, { status: 'not ready', reason });
    if (isClosing()) return refuse('The server is shutting down.');
    try {
      await check();
    } catch (error) {
      request.log.warn({ err: error }, 'not ready: the database did not respond');
      return refuse(
        error instanceof CheckTimeout
          ? `The database did not respond within ${error.timeoutMs / 1000} s.`
          : 'The database cannot be reached; the log of the server says why.',
      );
    }
    return respond(reply, 200, { status: 'ready' });
  });
}

function respond(reply: FastifyReply, status: number, body: Record<string, string>): FastifyReply {
  return reply.code(status).header('cache-control', 'no-store').send(body);
}
