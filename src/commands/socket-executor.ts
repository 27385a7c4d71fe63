import type { FormattedExecutionResult } from 'graphql';
import { findOwner } from '../database/data-directory.js';
import { Failure } from '../errors.js';
import type { Executor } from './executor.js';
import { sendCommand } from './send-command.js';

/** Runs operations in the server that has the data directory, each over a connection of its own. */
export function createSocketExecutor(dataDir: string): Executor {
  return async (operation) => {
    const owner = await findOwner(dataDir);
    if (!owner) throw new Failure(`The server that had ${dataDir} has ended.`);
    const lines: string[] = [];
    const errors: string[] = [];
    const code = await sendCommand(
      owner.socket,
      { name: 'graphql', operation },
      {
        line: (text) => lines.push(text),
        error: (text) => errors.push(text),
        progress: () => undefined,
      },
    );
    if (code !== 0) throw new Failure(errors.join('\n'));
    return JSON.parse(lines.join('')) as FormattedExecutionResult;
  };
}
