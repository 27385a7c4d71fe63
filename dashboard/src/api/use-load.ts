import { useSignal, useSignalEffect, type ReadonlySignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Client } from '../../../client/src/index.js';
import { noteError, noteResponse } from './connection.js';
import { revision } from './revision.js';
import { client } from './session.js';

/** What has been loaded: after an error the last data stay, beside the error. */
export interface Load<Data> {
  readonly data: Data | undefined;
  readonly error: Error | undefined;
  readonly isLoading: boolean;
}

/**
 * Loads what `request` asks for, again when `variables` or the access key changes, and whenever
 * the screen is to be checked. The data of other variables are dropped, unless `keep` is given.
 */
export function useLoad<Variables, Data>(
  request: (client: Client, variables: Variables, signal: AbortSignal) => Promise<Data>,
  variables: Variables,
  { keep = false }: { readonly keep?: boolean } = {},
): ReadonlySignal<Load<Data>> {
  const key = JSON.stringify(variables);
  const current = useSignal({ key, variables });
  const load = useSignal<Load<Data>>({ data: undefined, error: undefined, isLoading: true });
  const latest = useRef(request);
  latest.current = request;

  useEffect(() => {
    if (current.peek().key === key) return;
    const data = keep ? load.peek().data : undefined;
    load.value = { data, error: undefined, isLoading: true };
    current.value = { key, variables };
  }, [key]);

  useSignalEffect(() => {
    const { variables: wanted } = current.value;
    void revision.value;
    const ending = new AbortController();
    latest.current(client.value, wanted, ending.signal).then(
      (data) => {
        if (ending.signal.aborted) return;
        noteResponse();
        load.value = { data, error: undefined, isLoading: false };
      },
      (error: unknown) => {
        if (ending.signal.aborted) return;
        noteError(error);
        load.value = { data: load.peek().data, error: error as Error, isLoading: false };
      },
    );
    return () => ending.abort();
  });
  return load;
}
