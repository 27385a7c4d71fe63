import { once } from 'node:events';
import type { Socket } from 'node:net';
import { firstLine } from '../database/first-line.js';
import { Failure, messageOf, ServiceError } from '../errors.js';
import { receiveFiles } from '../ingest/multipart-files.js';
import { createReplyOutput, type ByteSink, type Reply } from '../progress.js';
import { auditCommand } from './audit-command.js';
import { runCommand, type CommandContext, type CommandRequest } from './commands.js';
import type { SentCommand } from './send-command.js';

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
