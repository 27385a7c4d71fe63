import type { ComponentChildren, JSX } from 'preact';
import { ApiError } from '../../../client/src/index.js';
import type { Load } from '../api/use-load.js';

/** What stands in the place of data: that they are loading, or why there are none. */
export function LoadState<Data>({
  load,
  children,
}: {
  readonly load: Load<Data>;
  readonly children: (data: Data) => ComponentChildren;
}): JSX.Element {
  const { data, error } = load;
  return (
    <>
      {error && <ErrorNotice error={error} />}
      {data === undefined ? !error && <Loading /> : children(data)}
    </>
  );
}

export function Loading(): JSX.Element {
  return (
    <p class="quiet loading" role="status">
      Loading…
    </p>
  );
}

/** An error as the server put it, with the id under which its log has the request. */
export function ErrorNotice({ error }: { readonly error: Error }): JSX.Element {
  const requestId = error instanceof ApiError ? error.requestId : undefined;
  return (
    <div class="notice error-notice" role="alert">
      <p>{error.message}</p>
      {requestId && <p class="quiet">Request {requestId}</p>}
    </div>
  );
}
