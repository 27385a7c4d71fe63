import type { JSX } from 'preact';

/** Marks a number that is not as new as its source. */
export function StaleMark({ reason }: { readonly reason: string | null }): JSX.Element {
  return (
    <span class="stale-mark" title={reason ?? undefined}>
      <span class="sr-only">stale</span>
    </span>
  );
}
