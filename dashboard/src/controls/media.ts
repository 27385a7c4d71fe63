import { signal, type ReadonlySignal } from '@preact/signals';

/** Whether a media query matches, now and later. */
function matches(query: string): ReadonlySignal<boolean> {
  const list = matchMedia(query);
  const current = signal(list.matches);
  list.addEventListener('change', () => (current.value = list.matches));
  return current;
}

export const isNarrow = matches('(max-width: 640px)');
export const isDark = matches('(prefers-color-scheme: dark)');
