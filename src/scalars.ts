import { GraphQLScalarType, valueFromASTUntyped } from 'graphql';
import { parseDay } from './metrics/calendar.js';

/** A value that a scalar refuses: the rule and the value. */
export class ScalarError extends Error {
  override readonly name = 'ScalarError';
}

/** A string scalar that says what it takes when it is given something else. */
function stringScalar(
  name: string,
  description: string,
  specifiedByURL: string,
  rule: string,
  parse: (text: string) => string | null,
): GraphQLScalarType<string, string> {
  const parseValue = (value: unknown): string => {
    const parsed = typeof value === 'string' ? parse(value) : null;
    if (parsed === null) throw new ScalarError(`must be ${rule}, but got ${JSON.stringify(value)}`);
    return parsed;
  };
  return new GraphQLScalarType<string, string>({
    name,
    description,
    specifiedByURL,
    serialize: String,
    parseValue,
    parseLiteral: (node) => parseValue(valueFromASTUntyped(node)),
  });
}

/** A calendar day; a string on the wire and in code, so that no time zone can move it. */
export const LocalDate = stringScalar(
  'LocalDate',
  'ISO 8601 calendar date without a time zone: "2018-05-11".',
  'https://scalars.graphql.org/andimarek/local-date.html',
  'a calendar date such as 2018-05-11',
  (text) => (parseDay(text) === null ? null : text),
);

/** An identifier, in lower case from here on. */
export const UUID = stringScalar(
  'UUID',
  'Universally unique identifier (RFC 9562).',
  'https://www.rfc-editor.org/rfc/rfc9562',
  'a UUID',
  parseUuid,
);

/** The UUID in lower case, or null when the text is not one. */
export function parseUuid(text: string): string | null {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ? text.toLowerCase() : null;
}
