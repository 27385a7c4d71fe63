import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The project's directory; this file is compiled to dist/bench. */
const ROOT = new URL('../../', import.meta.url);

const inRoot = (path: string): string => fileURLToPath(new URL(path, ROOT));

const { scripts } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8')) as {
  readonly scripts: { readonly start: string };
};

/** What `npm start` runs, in the project's directory. */
export const START_COMMAND = ['sh', '-c', scripts.start] as const;
export const ROOT_DIRECTORY = inRoot('.');
export const BARE_SERVER_FILE = inRoot('dist/bench/bare/bare-server.js');
export const PEERS_DIRECTORY = inRoot('bench/peers');
export const RESULTS_DIRECTORY = inRoot('bench/results');
