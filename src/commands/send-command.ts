import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { Failure, messageOf } from '../errors.js';
import type { ImportFiles } from '../ingest/import-files.js';
import { printReplies, type ByteSink, type Output } from '../progress.js';
import type { CommandRequest } from './commands.js';
import { toMultipart } from './import-sources.js';

/** A command as it is sent. Files follow it, as multipart/form-data of this type. */
export type SentCommand = CommandRequest & { readonly contentType?: string };

/** What a command reads and writes besides what it prints. */
export interface CommandFiles {
  /** What an import reads. */
  readonly files?: ImportFiles;
  /** Where an export is written. */
  readonly sink?: ByteSink;
}

/**
 * Sends a command, and the files that it imports, to the process that has the data directory and
 * returns its exit code.
 */
export async function sendCommand(
  socket: Socket,
  request: CommandRequest,
  output: Output,
  { files, sink }: CommandFiles = {},
): Promise<number> {
  const sent = files && toMultipart(files);
  let unreadable: Error | undefined;
  sent?.body.once('error', (error) => {
    unreadable = error;
    socket.destroy();
  });
  const command: SentCommand = { ...request, ...(sent ? { contentType: sent.contentType } : {}) };
  socket.write(`${JSON.stringify(command)}\n`);
  sent?.body.pipe(socket, { end: false });
  const lines = createInterface({ input: socket });
  // A connection that is reset, now or after the last reply, ends no line.
  lines.on('error', () => socket.destroy());
  socket.once('close', () => lines.close());
  const code = await printReplies(lines, output, sink).catch((error: unknown) => {
    if (socket.errored) return undefined;
    throw error;
  });
  sent?.body.destroy();
  if (unreadable) throw new Failure(`The file cannot be read: ${messageOf(unreadable)}`);
  if (code === undefined) {
    throw new Failure('The server ended before the command did. Look at its log, then try again.');
  }
  socket.end();
  return code;
}
