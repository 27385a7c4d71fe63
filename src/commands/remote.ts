import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { firstLine } from '../database/first-line.js';
import { Failure, messageOf, ServiceError } from '../errors.js';
import { receiveFiles } from '../ingest/multipart-files.js';
import {
  createReplyOutput,
  printReplies,
  type ByteSink,
  type Output,
  type Reply,
} from '../progress.js';
import { auditCommand } from './audit-command.js';
import { runCommand, type CommandContext, type CommandRequest } from './commands.js';
import { toMultipart } from './import-sources.js';

/** A command as it is sent. Files follow it, as multipart/form-data of this type. */
type SentCommand = CommandRequest & { readonly contentType?: string };

/** Serves one command to a connection of the control socket; a connection that ends aborts it. */
export function serveCommand(
  socket: Socket,
  context: Omit<CommandContext, 'output' | 'signal' | 'sink'>,
): Promise<void> {
  const gone = new AbortController();
  socket.once('close', () => gone.abort(new Failure('The command was given up by its caller.')));
  const reply = (message: Reply): void => {
    if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
  };
  const output = createReplyOutput(reply);
  const sink: ByteSink = async (bytes) => {
    reply({ type: 'bytes', base64: Buffer.from(bytes).toString('base64') });
    if (socket.writableNeedDrain) await once(socket, 'drain', { signal: gone.signal });
  };
  const respond = async (line: string): Promise<void> => {
    try {
      const { contentType, ...request } = JSON.parse(line) as SentCommand;
      // What the server migrated when it started is not the command's doing.
      const own = { migrated: [], output, sink, signal: gone.signal };
      const received = contentType ? await receiveFiles(socket, contentType) : undefined;
      // What is not read would hide that the connection has ended.
      if (!received) socket.resume();
      const files = received ? { files: received.files } : {};
      try {
        const code = await runReporting(request, { ...context, ...own, ...files });
        reply({ type: 'exit', code });
      } finally {
        received?.discard();
      }
    } catch (error) {
      // A caller that is killed may have sent only half.
      output.error(`What was sent is no command: ${messageOf(error)}`);
      reply({ type: 'exit', code: 1 });
    } finally {
      socket.end();
    }
  };
  return firstLine(socket).then((line) => (line === null ? undefined : respond(line)));
}

/** What a command reads and writes beside what it prints. */
export type CommandFiles = Pick<CommandContext, 'files' | 'sink'>;

/**
 * Sends a command, and the files that it imports, to the process that has the data directory and
 * gives its exit code.
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
  // A connection that is reset, now or when all is said, ends no line.
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

/** Runs a command; a failure is printed and gives exit code 1. */
export async function runReporting(
  request: CommandRequest,
  context: CommandContext,
): Promise<number> {
  try {
    return await auditCommand(request, context, () => runCommand(request, context));
  } catch (error) {
    const isMeant = error instanceof Failure || error instanceof ServiceError;
    context.output.error(isMeant ? error.message : `Failed: ${messageOf(error)}`);
    return 1;
  }
}
