import { fileURLToPath } from 'node:url';

/** The project's directory; this file is compiled to dist/bench. */
const ROOT = new URL('../../', import.meta.url);

const inRoot = (path: string): string => fileURLToPath(new URL(path, ROOT));

export const SERVER_FILE = inRoot('dist/src/main.js');
export const BARE_SERVER_FILE = inRoot('dist/bench/bare/bare-server.js');
export const PEERS_DIRECTORY = inRoot('bench/peers');
export const RESULTS_DIRECTORY = inRoot('bench/results');
