const actions = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Does something when the signal aborts, at once if it has, until what this returns is called. A
 * request waits for hundreds of things at a time: for a signal, which looks through all its
 * listeners for each one that comes or goes, they are one.
 */
export function onAbort(signal: AbortSignal, action: () => void): () => void {
  if (signal.aborted) {
    action();
    return () => undefined;
  }
  let all = actions.get(signal);
  if (!all) {
    const added = new Set<() => void>();
    const run = (): void => {
      for (const each of added) each();
    };
    signal.addEventListener('abort', run, { once: true });
    actions.set(signal, (all = added));
  }
  // An object of its own, should the same action be given twice.
  const own = (): void => action();
  all.add(own);
  return () => all.delete(own);
}
