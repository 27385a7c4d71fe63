import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { ERROR_CODES } from '../../src/errors.js';
import { DEFAULT_LIMITS, LIMITS_ENVIRONMENT } from '../../src/limits/limits-config.js';

const read = (): Promise<string> =>
  readFile(new URL('../../docs/limits.md', import.meta.url), 'utf8');
const cells = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

test('docs/limits.md has every error code with its status and meaning', async () => {
  const rows = (await read()).split('\n').map(cells);
  for (const [code, { meaning, ...kind }] of Object.entries(ERROR_CODES)) {
    const row = rows.find(([first]) => first === `\`${code}\``)!;
    expect(row[2]).toBe(meaning);
    expect(row[1]).toContain('status' in kind ? String(kind.status) : 'as GraphQL has it');
  }
});

test('docs/limits.md has every setting with its default', async () => {
  const rows = (await read()).split('\n').map(cells);
  const defaults = Object.keys(LIMITS_ENVIRONMENT).map((name) => {
    const row = rows.find(([first]) => first === `\`${name}\``)!;
    return Number(row[1]!.replaceAll('`', ''));
  });
  const {
    operation,
    maxConcurrentCost,
    maxResponseBytes,
    timeoutMs,
    requestsPerMinute,
    connectionsPerCaller,
    maxWaiting,
  } = DEFAULT_LIMITS;
  const { maxTokens, maxDepth, maxAliases, maxFields, maxCost } = operation;
  expect(defaults).toEqual([
    maxTokens,
    maxDepth,
    maxAliases,
    maxFields,
    maxCost,
    maxConcurrentCost,
    maxResponseBytes,
    timeoutMs,
    requestsPerMinute,
    connectionsPerCaller,
    maxWaiting,
  ]);
});
