import { on } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { Busboy } from '@fastify/busboy';
import { Failure } from '../errors.js';
import type { ImportFile } from './import-file.js';
import type { ImportFiles } from './import-files.js';

/** The parts of a request that imports, in this order; the first may be absent. */
const PORTFOLIOS = 'portfolios';
const DAILY = 'daily';
const FILES = 2;

/** Files on their way from a client. */
export interface ReceivedFiles {
  readonly files: ImportFiles;
  /** Reads the rest without keeping it, so that the client can go on to the response. */
  discard(): void;
}

/**
 * The files in a body of multipart/form-data, each read as it arrives: nothing is stored. Throws a
 * Failure where the parts are not those of an import.
 */
export async function receiveFiles(body: Readable, contentType: string): Promise<ReceivedFiles> {
  const busboy = createParser(contentType);
  const parts = on(busboy, 'file', { close: ['finish'] }) as AsyncIterableIterator<
    [field: string, stream: Readable, name: string | undefined]
  >;
  let current: PassThrough | undefined;
  body.once('close', () => {
    const gone = new Failure('The client went away before the end of its files.');
    if (body.readableEnded) return;
    current?.destroy(gone);
    busboy.destroy(gone);
  });
  const next = async (): Promise<{ field: string; file: ImportFile }> => {
    const { value, done } = await parts.next().catch((error: unknown) => {
      throw error instanceof Failure ? error : notAnImport();
    });
    if (done) throw notAnImport();
    const [field, stream, name = field] = value;
    const content = (current = new PassThrough());
    // A file that is read no further is in the way of the next.
    content.once('close', () => {
      stream.unpipe(content);
      stream.resume();
    });
    stream.once('error', (error) => content.destroy(error));
    return { field, file: { name, content: stream.pipe(content) } };
  };
  const daily = ({ field, file }: { field: string; file: ImportFile }): ImportFile => {
    if (field !== DAILY) throw notAnImport();
    return file;
  };
  body.pipe(busboy);
  const discard = (): void => {
    body.unpipe(busboy);
    body.resume();
  };
  try {
    const first = await next();
    const files: ImportFiles =
      first.field === PORTFOLIOS
        ? { portfolios: async () => first.file, daily: async () => daily(await next()) }
        : { daily: async () => daily(first) };
    return { files, discard };
  } catch (error) {
    discard();
    throw error;
  }
}

function createParser(contentType: string): InstanceType<typeof Busboy> {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      // Names are for messages: a path in them leads nowhere here.
      preservePath: true,
      isPartAFile: () => true,
      limits: { files: FILES },
    });
  } catch {
    throw notAnImport();
  }
}

function notAnImport(): Failure {
  return new Failure(
    `The body of an import must be multipart/form-data with the files ${PORTFOLIOS} (or without it) and ${DAILY}, in this order.`,
  );
}
