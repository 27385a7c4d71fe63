import { GraphQLScalarType, Kind } from 'graphql';
import { badUserInput } from './errors.js';
import { parseDay } from './metrics/calendar.js';

/** A string scalar that says what it takes when it is given something else. */
function stringScalar(
  name: string,
  description: string,
  rule: string,
  parse: (text: string) => string | null,
): GraphQLScalarType<string, string> {
  const parseValue = (value: unknown): string => {
    const parsed = typeof value === 'string' ? parse(value) : null;
    if (parsed === null) throw badUserInput(`${name} must be ${rule}, but got ${JSON.stringify(value)}`);
    return parsed;
  };
  return new GraphQLScalarType<string, string>({
    name,
    description,
    serialize: String,
    parseValue,
    parseLiteral: (node) => parseValue('value' in node ? node.value : node.kind === Kind.NULL ? null : node.kind),
  });
}

/** A calendar day; a string on the wire and in code, so that no time zone can move it. */
export const LocalDate = stringScalar(
  'LocalDate',
  'ISO 8601 calendar date without a time zone: "2018-05-11".',
  'a calendar date such as 2018-05-11',
  (text) => (parseDay(text) === null ? null : text),
);

/** An identifier, in lower case from here on. */
export const UUID = stringScalar('UUID', 'Universally unique identifier (RFC 9562).', 'a UUID', parseUuid);

/** The UUID in lower case, or null when the text is not one. */
export function parseUuid(text: string): string | null {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ? text.toLowerCase() : null;
}
