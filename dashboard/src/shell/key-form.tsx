import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { accessKey, useKey } from '../api/session.js';
import { Title } from './title.js';

/** Prompts for the access key that the server requires. */
export function KeyForm(): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const enter = (event: Event): void => {
    event.preventDefault();
    const key = input.current!.value.trim();
    if (key) useKey(key);
  };
  return (
    <main class="page narrow">
      <Title>Access key</Title>
      <p>
        {accessKey.value === undefined
          ? 'This server requires an access key or a token.'
          : 'The server does not accept the key that was entered.'}{' '}
        It is stored until this tab is closed, and sent to this server only.
      </p>
      <form class="key-form" onSubmit={enter}>
        <label>
          <span>Key</span>
          <input ref={input} type="password" autocomplete="off" spellcheck={false} required />
        </label>
        <button type="submit" class="primary">
          Continue
        </button>
      </form>
    </main>
  );
}
