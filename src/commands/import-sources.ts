import { randomUUID } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { pipeline, Readable, Transform } from 'node:stream';
import { Failure, messageOf } from '../errors.js';
import type { ImportFile, OpenImportFile } from '../ingest/import-file.js';
import type { ImportFiles } from '../ingest/import-files.js';
import type { Progress } from '../progress.js';

/** What stands for standard input in place of a path. */
const STANDARD_INPUT = '-';

export interface ImportPaths {
  readonly portfolios?: string | undefined;
  readonly daily: string;
}

/**
 * The files of an import, read where the command was given: no other process can read its pipes.
 * Throws a Failure for one that cannot be read.
 */
export async function openImportFiles(
  { portfolios, daily }: ImportPaths,
  progress: Progress,
): Promise<ImportFiles> {
  if (portfolios === STANDARD_INPUT && daily === STANDARD_INPUT) {
    throw new Failure('Standard input can be only one of the files: give a path for the other.');
  }
  const first = portfolios === undefined ? undefined : await sourceOf(portfolios, progress);
  return { ...(first ? { portfolios: first } : {}), daily: await sourceOf(daily, progress) };
}

async function sourceOf(path: string, progress: Progress): Promise<OpenImportFile> {
  if (path === STANDARD_INPUT) {
    return async () => counted('standard input', process.stdin, null, progress);
  }
  let size: number | null = null;
  try {
    await access(path, constants.R_OK);
    const stats = await stat(path);
    if (stats.isDirectory()) throw new Error('it is a directory (EISDIR)');
    if (stats.isFile()) size = stats.size;
  } catch (error) {
    throw new Failure(`${path} cannot be read: ${messageOf(error)}`);
  }
  return async () => counted(path, createReadStream(path), size, progress);
}

/** A file that reports how much of it has been read; `size` is null for a pipe. */
function counted(
  name: string,
  content: Readable,
  size: number | null,
  progress: Progress,
): ImportFile {
  const label = `Reading ${name}`;
  let done = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, pass) {
      done += chunk.length;
      // A file may grow meanwhile; its end is reported once, below.
      if (size === null || done < size) progress(label, done, size);
      pass(null, chunk);
    },
    flush(pass) {
      progress(label, done, done);
      pass();
    },
  });
  // A failure comes out of what is read.
  return { name, content: pipeline(content, counter, () => undefined) };
}

/** Files as multipart/form-data, read as they are sent. */
export function toMultipart(files: ImportFiles): { contentType: string; body: Readable } {
  const boundary = `rpm-${randomUUID()}`;
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: Readable.from(partsOf(files, boundary), { objectMode: false }),
  };
}

async function* partsOf(files: ImportFiles, boundary: string): AsyncGenerator<Buffer> {
  for (const [field, openFileOf] of [
    ['portfolios', files.portfolios],
    ['daily', files.daily],
  ] as const) {
    if (!openFileOf) continue;
    const { name, content } = await openFileOf();
    yield Buffer.from(
      [
        `--${boundary}`,
        `content-disposition: form-data; name="${field}"; filename="${escaped(name)}"`,
        'content-type: text/csv',
        '',
        '',
      ].join('\r\n'),
    );
    yield* content as AsyncIterable<Buffer>;
    yield Buffer.from('\r\n');
  }
  yield Buffer.from(`--${boundary}--\r\n`);
}

/** As browsers write a file's name. */
function escaped(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
