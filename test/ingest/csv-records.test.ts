import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { readCsvRecords } from '../../src/ingest/csv-records.js';

type Read = { readonly records: unknown[]; readonly isWrong: boolean };

async function read(chunks: readonly string[]): Promise<Read> {
  const content = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  const records: unknown[] = [];
  let isWrong = false;
  const reading = readCsvRecords(
    { name: 'daily.csv', content },
    { delimiter: ',', onFault: () => (isWrong = true) },
  );
  for await (const some of reading) records.push(...some);
  return { records, isWrong };
}

/** What the parser reads alone. */
function parsed(text: string): Read {
  const records: unknown[] = [];
  try {
    parse(text, {
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      on_record: (fields: string[], { lines }) => {
        records.push({ fields, line: lines });
        return fields;
      },
    });
    return { records, isWrong: false };
  } catch {
    return { records, isWrong: true };
  }
}

test('records are those of a parser, whatever the text has and wherever it is cut', async () => {
  const pieces = (...ends: string[]) =>
    fc.array(fc.constantFrom('a', 'é', ',', ',', ' ', '\u00A0', '\t', ...ends), { maxLength: 40 });
  const text = fc.oneof(
    pieces('\n'),
    pieces('\r\n'),
    pieces('\n', '"b"', '"b\n,""c"'),
    pieces('\r\n', ',"b"', '"'),
    pieces('\n', '\r', '\r\n'),
  );
  await fc.assert(
    // Blank lines and comments above the header are another's work.
    fc.asyncProperty(text, async (parts) => {
      expect(await read(['x', ...parts])).toEqual(parsed(`x${parts.join('')}`));
    }),
    { numRuns: 300 },
  );
});

test('a line that is too long to be split, and what follows it, is read all the same', async () => {
  const long = 'é'.repeat(40_000);
  const { records, isWrong } = await read(['a,b\n1,2\n', long, `,3\n4,5`]);
  expect(records).toEqual([
    { fields: ['a', 'b'], line: 1 },
    { fields: ['1', '2'], line: 2 },
    { fields: [long, '3'], line: 3 },
    { fields: ['4', '5'], line: 4 },
  ]);
  expect(isWrong).toBe(false);
});
