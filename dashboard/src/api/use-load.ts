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
 * Loads what `request` describes, again when `variables` or the access key changes, and whenever
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
    const run = async (connected: Client): Promise<void> => {
      const before = load.peek().data;
      try {
        const data = await latest.current(connected, wanted, ending.signal);
        if (ending.signal.aborted) return;
        noteResponse();
        load.value = { data: unlessSame(data, before), error: undefined, isLoading: false };
      } catch (error) {
        if (ending.signal.aborted) return;
        noteError(error);
        load.value = { data: before, error: error as Error, isLoading: false };
      }
    };
    void run(client.value);
    return () => ending.abort();
  });
  return load;
}

/** What was there before, where it is the same: nothing is drawn again then. */
function unlessSame<Data>(data: Data, before: Data | undefined): Data {
  return before !== undefined && JSON.stringify(before) === JSON.stringify(data) ? before : data;
}
