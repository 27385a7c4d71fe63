import type { JSX } from 'preact';

/** A text to filter portfolios with, once it is entered; none where it is empty. */
export function TextFilter({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: string | undefined;
  readonly onChange: (text: string | undefined) => void;
}): JSX.Element {
  return (
    <label class="field short">
      <span>{label}</span>
      <input
        type="text"
        value={value ?? ''}
        placeholder="any"
        autocomplete="off"
        spellcheck={false}
        onChange={({ currentTarget }) => onChange(currentTarget.value.trim() || undefined)}
      />
    </label>
  );
}
