import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

const PAUSE_MS = 150;

/** Searches once the typing pauses. */
export function SearchInput({
  value,
  onChange,
}: {
  readonly value: string;
  readonly onChange: (text: string) => void;
}): JSX.Element {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <label class="field search">
      <span>Search</span>
      <input
        type="search"
        defaultValue={value}
        placeholder="Part of a name"
        autocomplete="off"
        spellcheck={false}
        onInput={({ currentTarget }) => {
          clearTimeout(timer.current);
          timer.current = setTimeout(() => onChange(currentTarget.value.trim()), PAUSE_MS);
        }}
      />
    </label>
  );
}
