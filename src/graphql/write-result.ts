import type { FormattedExecutionResult } from 'graphql';
import type { Turns } from '../async/turns.js';
import { ServiceError } from '../errors.js';

/**
 * Writes results as JSON, piece by piece: others get their turns in between, and what becomes too
 * long is given up before it takes the memory. Throws OPERATION_TOO_COSTLY then.
 */
export function createResultWriter(
  maxBytes: number,
  turns: Turns,
): (result: FormattedExecutionResult) => Promise<string> {
  return async (result) => {
    const pieces: string[] = [];
    let text = '';
    let bytes = 0;
    for (const piece of piecesOf(result)) {
      text += piece;
      if (text.length < PIECE_LENGTH) continue;
      bytes += Buffer.byteLength(text);
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      pieces.push(text);
      text = '';
      await turns.next();
    }
    if (bytes + Buffer.byteLength(text) > maxBytes) throw tooLarge(maxBytes);
    return `${pieces.join('')}${text}\n`;
  };
}

/** About how much is written at once: less than a millisecond. */
const PIECE_LENGTH = 65_536;
/** How long a number is, about. */
const VALUE_LENGTH = 20;
const ITEMS_AT_ONCE = 3000;

function tooLarge(maxBytes: number): ServiceError {
  return new ServiceError(
    'OPERATION_TOO_COSTLY',
    `The response has more than ${maxBytes.toLocaleString('en')} bytes, the maximum for one (RESPONSE_MAX_BYTES). Request fewer portfolios, days or metrics, or for pages one after the other.`,
  );
}

/** The JSON of a value, in pieces of about PIECE_LENGTH. */
function* piecesOf(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null || roomAfter(value, PIECE_LENGTH) >= 0) {
    yield JSON.stringify(value) ?? 'null';
  } else if (Array.isArray(value)) {
    yield* piecesOfList(value);
  } else {
    yield* piecesOfObject(value);
  }
}

function* piecesOfList(list: readonly unknown[]): Generator<string> {
  let start = '[';
  for (let from = 0; from < list.length;) {
    const isNested = typeof list[from] === 'object' && list[from] !== null;
    const end = from + (isNested ? 1 : ITEMS_AT_ONCE);
    yield start;
    if (isNested) yield* piecesOf(list[from]);
    else yield JSON.stringify(list.slice(from, end)).slice(1, -1);
    from = end;
    start = ',';
  }
  yield ']';
}

function* piecesOfObject(value: object): Generator<string> {
  let start = '{';
  for (const [name, field] of Object.entries(value)) {
    if (field === undefined) continue;
    yield `${start}${JSON.stringify(name)}:`;
    yield* piecesOf(field);
    start = ',';
  }
  yield '}';
}

/** What a value leaves of so many characters, about; negative as soon as it leaves none. */
function roomAfter(value: unknown, room: number): number {
  if (typeof value === 'string') return room - value.length;
  if (typeof value !== 'object' || value === null) return room - VALUE_LENGTH;
  let left = room;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length && left >= 0; index++) {
      left = roomAfter(value[index], left);
    }
  } else {
    for (const name in value) {
      left = roomAfter((value as Record<string, unknown>)[name], left - name.length);
      if (left < 0) break;
    }
  }
  return left;
}
