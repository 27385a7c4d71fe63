import type { Readable } from 'node:stream';

/** The text of a file from its header on. */
export interface FileText {
  /** How many lines stand above it: comments and blank ones. */
  readonly skipped: number;
  readonly chunks: AsyncIterable<string>;
}

/** More comments than this are no file of rows. */
const MAX_HEAD = 1_000_000;
/** A line of a comment, or a blank one, with its end. */
const SKIPPED_LINE = /^[ \t]*(#[^\r\n]*)?(\r\n|\n|\r)/;

/**
 * Decodes a file and leaves out what stands above its header: lines that begin with # and blank
 * ones. Below it, # is a character like any other: a name may begin with it.
 */
export async function readFromHeader(input: Readable): Promise<FileText> {
  const chunks = decoded(input);
  let head = '';
  let skipped = 0;
  for (;;) {
    const { value, done } = await chunks.next();
    head += value ?? '';
    for (let line; (line = SKIPPED_LINE.exec(head)?.[0]) !== undefined; skipped += 1) {
      // Its end may have a second character in the next chunk.
      if (line === head && line.endsWith('\r') && !done) break;
      head = head.slice(line.length);
    }
    if (done && /^[ \t]*#/.test(head)) head = '';
    const isComment = /^[ \t\r]*(#|$)/.test(head) && head.length <= MAX_HEAD;
    if (done || !isComment) return { skipped, chunks: followedBy(head, chunks) };
  }
}

async function* followedBy(
  head: string,
  rest: AsyncIterable<string>,
): AsyncGenerator<string, void, undefined> {
  if (head !== '') yield head;
  yield* rest;
}

/** In the encoding that a byte order mark says, else in UTF-8. */
async function* decoded(input: Readable): AsyncGenerator<string, void, undefined> {
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  let start = Buffer.alloc(0);
  for await (const chunk of input as AsyncIterable<Buffer>) {
    if (decoder) {
      yield decoder.decode(chunk, { stream: true });
      continue;
    }
    start = Buffer.concat([start, chunk]);
    if (start.length < 2) continue;
    decoder = new TextDecoder(encodingOf(start));
    yield decoder.decode(start, { stream: true });
  }
  yield decoder ? decoder.decode() : new TextDecoder().decode(start);
}

function encodingOf(start: Buffer): string {
  const mark = start.readUInt16BE();
  if (mark === 0xfffe) return 'utf-16le';
  return mark === 0xfeff ? 'utf-16be' : 'utf-8';
}
