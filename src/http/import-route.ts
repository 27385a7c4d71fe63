import { PassThrough, type Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Audit } from '../access/audit.js';
import { includesRole } from '../access/roles.js';
import { badUserInput, Failure, messageOf, ServiceError } from '../errors.js';
import type { ImportSettings } from '../ingest/import-settings.js';
import { receiveFiles } from '../ingest/multipart-files.js';
import { readSettings } from '../ingest/read-settings.js';
import { runImport } from '../ingest/run-import.js';
import { dayOf } from '../metrics/calendar.js';
import { createReplyOutput, type Reply } from '../progress.js';
import type { Services } from '../services.js';
import { respondLikeGraphql } from './masked-errors.js';
import { requestSignal } from './request-signal.js';

const IMPORT_PATH = '/import';
const MULTIPART = 'multipart/form-data';
/** Each holds a connection to the database while its client sends. */
const MAX_IMPORTS = 2;
/** How long a client may send nothing before it counts as gone. */
const IDLE_MS = 300_000;
/** A page of another site cannot send either without a preflight. */
const PREFLIGHTED = ['authorization', 'apollo-require-preflight'];

/** What imports need of the services of the application. */
export type ImportServices = Pick<
  Services,
  'database' | 'dailySeries' | 'refreshes' | 'now' | 'audit'
>;

/**
 * `POST /import?refresh=true&returns=fraction`, with the options of the command as parameters and the files `portfolios` (or without it) and
 * `daily` as multipart/form-data, read as they arrive. The response to files that can be written
 * is a line of JSON for each step, the last with the exit code that the command has.
 */
export async function addImportRoute(
  scope: FastifyInstance,
  services: ImportServices,
): Promise<void> {
  let running = 0;
  scope.setErrorHandler(respondLikeGraphql);
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(MULTIPART, (_request, payload, done) => done(null, payload));
  scope.post<{ Querystring: Record<string, unknown> }>(IMPORT_PATH, async (request, reply) => {
    const settings = settingsOf(request.query);
    checkAllowed(request);
    if (running >= MAX_IMPORTS) {
      throw new ServiceError(
        'OVERLOADED',
        `${running} imports are running already: try again when one has ended.`,
      );
    }
    running += 1;
    return runRequest(request, reply, services, settings).finally(() => (running -= 1));
  });
}

/** Ends when the import has; the reply is sent before. */
async function runRequest(
  request: FastifyRequest,
  reply: FastifyReply,
  services: ImportServices,
  settings: ImportSettings,
): Promise<FastifyReply> {
  const { tenant } = request.caller!;
  const signal = requestSignal(reply.raw, 0);
  request.raw.setTimeout(IDLE_MS, () => request.raw.destroy());
  request.raw.once('end', () => request.raw.setTimeout(0));
  const received = await receiveFiles(
    request.body as Readable,
    request.headers['content-type']!,
  ).catch(refuse);
  const steps = new PassThrough();
  let hasBegun = false;
  const output = createReplyOutput((step: Reply) => {
    if (!hasBegun) void reply.type('application/x-ndjson').send(steps);
    hasBegun = true;
    steps.write(`${JSON.stringify(step)}\n`);
  });
  const end = (code: number): void => {
    steps.end(`${JSON.stringify({ type: 'exit', code } satisfies Reply)}\n`);
  };
  try {
    await audited(services.audit, request, settings, () =>
      runImport(
        { ...services, database: services.database.withSignal(signal) },
        received.files,
        { today: dayOf(services.now()), tenant, signal, ...settings },
        output,
      ),
    );
    end(0);
  } catch (error) {
    // Before its first step, it is a request that was refused.
    if (!hasBegun) refuse(error);
    if (!(error instanceof Failure || error instanceof ServiceError)) {
      request.log.error({ err: error, requestId: request.id }, 'an import failed unexpectedly');
    }
    output.error(
      error instanceof Failure || error instanceof ServiceError
        ? error.message
        : `Something went wrong here; the log has it as ${request.id}.`,
    );
    end(1);
  } finally {
    received.discard();
  }
  return reply;
}

function refuse(error: unknown): never {
  throw error instanceof Failure ? badUserInput(messageOf(error)) : error;
}

function settingsOf(query: Readonly<Record<string, unknown>>): ImportSettings {
  try {
    return readSettings(query);
  } catch (error) {
    return refuse(error);
  }
}

function checkAllowed({ caller, headers }: FastifyRequest): void {
  const { name, role } = caller!;
  if (!includesRole(role, 'writer')) {
    throw new ServiceError(
      'FORBIDDEN',
      `${IMPORT_PATH} needs the role writer, but ${name} has the role ${role}`,
    );
  }
  if (!PREFLIGHTED.some((header) => headers[header] !== undefined)) {
    throw badUserInput(`${IMPORT_PATH} needs one of the headers ${PREFLIGHTED.join(', ')}`);
  }
}

async function audited(
  audit: Audit,
  { caller, id: requestId }: FastifyRequest,
  settings: ImportSettings,
  work: () => ReturnType<typeof runImport>,
): Promise<void> {
  const started = performance.now();
  let outcome = 'failed';
  let details = {};
  try {
    const { portfolios, daily } = await work();
    details = { portfolios, daily };
    outcome = 'done';
  } finally {
    audit({
      caller: caller!,
      action: 'import',
      details: { ...settings, ...details },
      outcome,
      requestId,
      durationMs: performance.now() - started,
    });
  }
}
