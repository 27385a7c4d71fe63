import { Failure } from '../errors.js';

/** npm passes Ctrl-C on to its child, which has it from the terminal too: one press is two signals. */
const SAME_PRESS_MS = 500;
/** What shells say of a program that Ctrl-C has ended. */
const INTERRUPTED = 130;

/**
 * From now on, Ctrl-C aborts the signal instead of ending the process; pressed once more, it does
 * end it.
 */
export function abortOnInterrupt(): AbortSignal {
  const interrupted = new AbortController();
  let pressedMs = 0;
  process.on('SIGINT', () => {
    if (!interrupted.signal.aborted) {
      pressedMs = performance.now();
      interrupted.abort(new Failure('Interrupted before anything was refreshed.'));
    } else if (performance.now() - pressedMs > SAME_PRESS_MS) {
      process.exit(INTERRUPTED);
    }
  });
  return interrupted.signal;
}
