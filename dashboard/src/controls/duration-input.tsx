import type { JSX } from 'preact';
import {
  DURATION_UNITS,
  formatDuration,
  isoDuration,
  parseDuration,
  type DurationUnit,
} from '../format/durations.js';

const NONE = 'none';
const AS_IT_IS = 'as it is';

/** A duration of one unit in ISO 8601; null where `none` says what that means. */
export function DurationInput({
  label,
  none,
  stored,
  value,
  onChange,
}: {
  readonly label: string;
  /** What stands for no duration; undefined: there has to be one. */
  readonly none?: string;
  /** The duration before it is changed; one of several units can only stay as it is. */
  readonly stored: string | null;
  readonly value: string | null;
  readonly onChange: (duration: string | null) => void;
}): JSX.Element {
  const simple = value === null ? null : parseDuration(value);
  const isMixed = stored !== null && parseDuration(stored) === null;
  const choose = (choice: string): void => {
    if (choice === NONE) onChange(null);
    else if (choice === AS_IT_IS) onChange(stored);
    else onChange(isoDuration({ amount: simple?.amount ?? 1, unit: choice as DurationUnit }));
  };
  return (
    <fieldset class="duration">
      <legend>{label}</legend>
      {simple && (
        <input
          type="number"
          aria-label={`${label}: how many`}
          min="1"
          step="1"
          required
          value={simple.amount}
          onInput={({ currentTarget }) => {
            const amount = currentTarget.valueAsNumber;
            if (Number.isInteger(amount) && amount > 0)
              onChange(isoDuration({ ...simple, amount }));
          }}
        />
      )}
      <select
        aria-label={`${label}: unit`}
        value={simple?.unit ?? (value === null ? NONE : AS_IT_IS)}
        onChange={({ currentTarget }) => choose(currentTarget.value)}
      >
        {none !== undefined && <option value={NONE}>{none}</option>}
        {isMixed && <option value={AS_IT_IS}>{formatDuration(stored)}</option>}
        {DURATION_UNITS.map((unit) => (
          <option key={unit} value={unit}>
            {simple?.amount === 1 ? unit : `${unit}s`}
          </option>
        ))}
      </select>
    </fieldset>
  );
}
