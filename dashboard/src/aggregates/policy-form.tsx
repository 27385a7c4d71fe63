import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { RefreshPolicyInput } from '../../../client/src/index.js';
import { DurationInput } from '../controls/duration-input.js';
import { editedPolicy, policyInput, type Policy } from './policy.js';

/** A policy to be changed; `onSave` receives what differs from the stored one. */
export function PolicyForm({
  stored,
  isDisabled,
  onSave,
}: {
  readonly stored: Policy | null;
  readonly isDisabled: boolean;
  readonly onSave: (input: RefreshPolicyInput) => void;
}): JSX.Element {
  const before = editedPolicy(stored);
  const edited = useSignal(before);
  const change = (part: Partial<Policy>): void => {
    edited.value = { ...edited.value, ...part };
  };
  const { enabled, scheduleInterval, startOffset, endOffset } = edited.value;
  const input = policyInput(stored, edited.value);
  const submit = (event: Event): void => {
    event.preventDefault();
    onSave(input);
  };
  return (
    <form onSubmit={submit}>
      <fieldset class="policy-fields" disabled={isDisabled}>
        <label class="check">
          <input
            type="checkbox"
            checked={enabled}
            onChange={({ currentTarget }) => change({ enabled: currentTarget.checked })}
          />
          <span>Enabled</span>
        </label>
        <DurationInput
          label="Runs every"
          stored={before.scheduleInterval}
          value={scheduleInterval}
          onChange={(duration) => duration !== null && change({ scheduleInterval: duration })}
        />
        <DurationInput
          label="First day, before the run"
          none="the oldest day"
          stored={before.startOffset}
          value={startOffset}
          onChange={(duration) => change({ startOffset: duration })}
        />
        <DurationInput
          label="Last day, before the run"
          none="the newest day"
          stored={before.endOffset}
          value={endOffset}
          onChange={(duration) => change({ endOffset: duration })}
        />
        <button type="submit" class="primary" disabled={Object.keys(input).length === 0}>
          {stored === null ? 'Add policy' : 'Save policy'}
        </button>
      </fieldset>
    </form>
  );
}
