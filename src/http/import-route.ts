import { PassThrough, type Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Audit } from '../access/audit.js';
import { includesRole } from '../access/roles.js';
import { badUserInput, Failure, messageOf, ServiceError } from '../errors.js';
import { receiveFiles } from '../ingest/multipart-files.js';
import { RETURN_UNITS, type ReturnUnit } from '../ingest/return-unit.js';
import { runImport } from '../ingest/run-import.js';
import { dayOf } from '../metrics/calendar.js';
import { createReplyOutput, type Reply } from '../progress.js';
import type { Services } from '../services.js';
import { respondLikeGraphql } from './masked-errors.js';
import { requestSignal } from './request-signal.js';

export const IMPORT_PATH = '/import';
const MULTIPART = 'multipart/form-data';
/** Each holds a connection to the database while its client sends. */
const MAX_IMPORTS = 2;
/** How long a client may send nothing before it is taken for gone. */
const IDLE_MS = 300_000;
/** A page of another site cannot send either without asking first. */
const PREFLIGHTED = ['authorization', 'apollo-require-preflight'];

/** What imports need of the services of the application. */
export type ImportServices = Pick<
  Services,
  'database' | 'dailySeries' | 'refreshes' | 'now' | 'audit'
>;

interface Query {
  readonly refresh?: string;
  readonly returns?: string;
}

/**
 * `POST /import?refresh=true&returns=fraction` with the files `portfolios` (or without it) and
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
  scope.post<{ Querystring: Query }>(IMPORT_PATH, async (request, reply) => {
    const options = optionsOf(request.query);
    checkAllowed(request);
    if (running >= MAX_IMPORTS) {
      throw new ServiceError(
        'OVERLOADED',
        `${running} imports are running already: try again when one has ended.`,
      );
    }
    running += 1;
    return runRequest(request, reply, services, options).finally(() => (running -= 1));
  });
}

type Options = { readonly refresh: boolean; readonly returns?: ReturnUnit };

/** Ends when the import has; the reply is sent before. */
async function runRequest(
  request: FastifyRequest,
  reply: FastifyReply,
  services: ImportServices,
  options: Options,
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
    await audited(services.audit, request, options, () =>
      runImport(
        { ...services, database: services.database.withSignal(signal) },
        received.files,
        { today: dayOf(services.now()), tenant, signal, ...options },
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

function optionsOf({ refresh = 'true', returns }: Query): Options {
  if (refresh !== 'true' && refresh !== 'false') {
    throw badUserInput(`refresh must be true or false, but got "${refresh}"`);
  }
  const unit = RETURN_UNITS.find((known) => known === returns);
  if (returns !== undefined && !unit) {
    throw badUserInput(`returns must be ${RETURN_UNITS.join(' or ')}, but got "${returns}"`);
  }
  return { refresh: refresh === 'true', ...(unit ? { returns: unit } : {}) };
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
  options: Options,
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
      details: { ...options, ...details },
      outcome,
      requestId,
      durationMs: performance.now() - started,
    });
  }
}
