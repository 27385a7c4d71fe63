import { Name, Raw } from './arguments.js';

/** A value as JSON; what JSON has no word for stands in it as it is. */
export function jsonOf(value: unknown): string {
  return textOf(value, {
    name: ({ text }) => JSON.stringify(text),
    entry: (key, text) => `${JSON.stringify(key)}:${text}`,
  });
}

/** A value as a literal of GraphQL. */
export function literalOf(value: unknown): string {
  return textOf(value, { name: ({ text }) => text, entry: (key, text) => `${key}: ${text}` });
}

interface Language {
  readonly name: (name: Name) => string;
  readonly entry: (key: string, text: string) => string;
}

function textOf(value: unknown, language: Language): string {
  // Lists of thousands of levels: no recursion for them.
  let levels = 0;
  let inner = value;
  while (Array.isArray(inner) && inner.length === 1) {
    inner = inner[0];
    levels += 1;
  }
  return '['.repeat(levels) + flatTextOf(inner, language) + ']'.repeat(levels);
}

function flatTextOf(value: unknown, language: Language): string {
  if (value instanceof Name) return language.name(value);
  if (value instanceof Raw) return value.text;
  if (Array.isArray(value)) return `[${value.map((each) => textOf(each, language)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, each]) =>
      language.entry(key, textOf(each, language)),
    );
    return `{${entries.join(',')}}`;
  }
  return Object.is(value, -0) ? '-0' : JSON.stringify(value);
}
