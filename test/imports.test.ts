import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

/** Folders of src from the top of the house to its foundations: each may import those further down. */
const LAYERS = [
  ['commands', 'http'],
  ['telemetry'],
  ['graphql', 'export'],
  ['limits'],
  ['ingest', 'rolling'],
  ['portfolios'],
  ['aggregates'],
  ['access', 'timescale'],
  ['database'],
  ['async', 'metrics'],
];
/** Single files that any layer may import. */
const SHARED = new Set([
  'errors.ts',
  'scalars.ts',
  'series-range.ts',
  'pagination.ts',
  'series-range.ts',
  'progress.ts',
  'sample-portfolios.ts',
  'lifecycle.ts',
  'markdown.ts',
  'config.ts',
  'services.ts',
]);

test('imports point one way', async () => {
  const files = await readdir(SRC, { recursive: true });
  const wrong: string[] = [];
  for (const file of files.filter((name) => name.endsWith('.ts') && name.includes('/'))) {
    const text = await readFile(join(SRC, file), 'utf8');
    for (const [, specifier] of text.matchAll(/from '(\.[^']+)\.js'/g)) {
      const target = relative(SRC, join(SRC, file, '..', `${specifier!}.ts`));
      const edge = `${file} → ${target}`;
      if (target.startsWith('..') || mayImport(file, target)) continue;
      wrong.push(edge);
    }
  }
  expect(wrong).toEqual([]);
});

function mayImport(file: string, target: string): boolean {
  const from = layerOf(file);
  if (!target.includes('/')) return SHARED.has(target) && from < LAYERS.length - 1;
  const folder = (path: string): string => path.split('/')[0]!;
  return folder(file) === folder(target) || from < layerOf(target);
}

function layerOf(file: string): number {
  const layer = LAYERS.findIndex((folders) => folders.includes(file.split('/')[0]!));
  if (layer < 0) throw new Error(`src/${file} is in no layer`);
  return layer;
}
