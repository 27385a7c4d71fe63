import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';

/** The log of the process, on standard error: readable on a terminal, else a line of JSON an entry. */
export function createLog(level: string): Logger {
  const { stderr } = process;
  if (!stderr.isTTY) return pino({ level }, stderr);
  // Not in a worker thread: what is logged last would be lost with the process.
  return pino({ level }, pretty({ destination: stderr, sync: true, ignore: 'pid,hostname' }));
}
