/** What a check rejects with that took too long. */
export class CheckTimeout extends Error {
  override readonly name = 'CheckTimeout';

  constructor(readonly timeoutMs: number) {
    super(`no response within ${timeoutMs / 1000} s`);
  }
}

/**
 * A check that callers may request as often as they like: all callers while it runs share its
 * outcome, and after `timeoutMs` it rejects with a CheckTimeout. So at most one piece of work
 * starts in that time, also when the work hangs.
 */
export function createCheck<Result>(
  work: () => Promise<Result>,
  timeoutMs: number,
): () => Promise<Result> {
  let running: Promise<Result> | undefined;
  return () => {
    running ??= timeBoxed(work, timeoutMs).finally(() => (running = undefined));
    return running;
  };
}

async function timeBoxed<Result>(work: () => Promise<Result>, timeoutMs: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new CheckTimeout(timeoutMs)), timeoutMs);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
