import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { Failure, messageOf } from '../errors.js';
import { auditCommand } from './audit-command.js';
import type { CommandContext, CommandRequest } from './commands.js';
import { runCommand } from './commands.js';
import type { Output } from './output.js';

/** What a process that runs a command for another says to it, a JSON line each. */
type Reply =
  | { readonly type: 'line' | 'error'; readonly text: string }
  | {
      readonly type: 'progress';
      readonly label: string;
      readonly done: number;
      readonly total: number;
    }
  | { readonly type: 'exit'; readonly code: number };

/** Serves one command to a connection of the control socket; a connection that ends aborts it. */
export function serveCommand(
  socket: Socket,
  context: Omit<CommandContext, 'output' | 'signal'>,
): Promise<void> {
  const gone = new AbortController();
  socket.once('close', () => gone.abort(new Failure('The command was given up by its caller.')));
  const reply = (message: Reply): void => {
    if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
  };
  const output: Output = {
    line: (text) => reply({ type: 'line', text }),
    error: (text) => reply({ type: 'error', text }),
    progress: (label, done, total) => reply({ type: 'progress', label, done, total }),
  };
  const answer = async (line: string): Promise<void> => {
    try {
      const request = JSON.parse(line) as CommandRequest;
      // What the server migrated when it started is not the command's doing.
      const own = { migrated: [], output, signal: gone.signal };
      const code = await runReporting(request, { ...context, ...own });
      reply({ type: 'exit', code });
    } catch (error) {
      // A caller that is killed may have said only half.
      output.error(`What was asked is no command: ${messageOf(error)}`);
      reply({ type: 'exit', code: 1 });
    } finally {
      socket.end();
    }
  };
  return new Promise((resolve) => {
    const lines = createInterface({ input: socket });
    // A caller that is killed may reset the connection, which then closes.
    lines.on('error', () => socket.destroy());
    lines.once('close', resolve);
    lines.once('line', (line) => void answer(line));
  });
}

/** Sends a command to the process that has the data directory and gives its exit code. */
export async function sendCommand(
  socket: Socket,
  request: CommandRequest,
  output: Output,
): Promise<number> {
  socket.write(`${JSON.stringify(request)}\n`);
  for await (const line of createInterface({ input: socket })) {
    const reply = JSON.parse(line) as Reply;
    switch (reply.type) {
      case 'line':
        output.line(reply.text);
        break;
      case 'error':
        output.error(reply.text);
        break;
      case 'progress':
        output.progress(reply.label, reply.done, reply.total);
        break;
      case 'exit':
        socket.end();
        return reply.code;
    }
  }
  throw new Failure('The server ended before the command did. Look at its log, then try again.');
}

/** Runs a command; a failure is printed and gives exit code 1. */
export async function runReporting(
  request: CommandRequest,
  context: CommandContext,
): Promise<number> {
  try {
    return await auditCommand(request, context, () => runCommand(request, context));
  } catch (error) {
    context.output.error(error instanceof Failure ? error.message : `Failed: ${messageOf(error)}`);
    return 1;
  }
}
