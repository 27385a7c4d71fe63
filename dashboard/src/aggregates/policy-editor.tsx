import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { SetRefreshPolicyDocument, type RefreshPolicyInput } from '../../../client/src/index.js';
import { checkAgain } from '../api/revision.js';
import { client } from '../api/session.js';
import { ErrorNotice } from '../shell/load-state.js';
import type { AggregateStatus } from './aggregate-status.js';
import { PolicyForm } from './policy-form.js';
import { policyOf } from './policy.js';

/** Changes the policy of an aggregate, or adds one. */
export function PolicyEditor({
  status,
  refusal,
}: {
  readonly status: AggregateStatus;
  /** Why the caller may not; undefined where it may. */
  readonly refusal: string | undefined;
}): JSX.Element {
  const isSaving = useSignal(false);
  const isSaved = useSignal(false);
  const error = useSignal<Error | undefined>(undefined);
  const { viewName } = status;
  const stored = policyOf(status);

  const save = async (input: RefreshPolicyInput): Promise<void> => {
    isSaving.value = true;
    isSaved.value = false;
    error.value = undefined;
    try {
      await client.value.execute(SetRefreshPolicyDocument, { viewName, input });
      isSaved.value = true;
      checkAgain();
    } catch (failure) {
      error.value = failure as Error;
    } finally {
      isSaving.value = false;
    }
  };
  return (
    <details class="policy">
      <summary>{stored === null ? 'Add a policy' : 'Edit the policy'}</summary>
      {refusal !== undefined && <p class="quiet">{refusal}</p>}
      {/* What was entered makes way for a policy that has changed meanwhile. */}
      <PolicyForm
        key={JSON.stringify(stored)}
        stored={stored}
        isDisabled={refusal !== undefined || isSaving.value}
        onSave={(input) => void save(input)}
      />
      <p role="status">{isSaved.value && 'Saved.'}</p>
      {error.value && <ErrorNotice error={error.value} />}
    </details>
  );
}
