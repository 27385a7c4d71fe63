import { readFile } from 'node:fs/promises';
import { TestEnvironment } from 'jest-environment-node';

const ENGINE = new URL('pglite.wasm', import.meta.resolve('@electric-sql/pglite'));

/**
 * The embedded engine, compiled. Every test file starts one of its own, and V8 compiles the same
 * bytes once as long as a module of the process holds them compiled: this module outlives the files.
 */
export const compiledEngine = await WebAssembly.compile(await readFile(ENGINE));

export default TestEnvironment;
