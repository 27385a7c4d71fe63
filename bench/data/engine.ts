import { resolve } from 'node:path';
import { nameOf, type DataSet } from './data-set.js';

/** Where the data sets are: on a TimescaleDB server, or in data directories of the embedded engine. */
export type Engine =
  | { readonly name: 'server'; readonly url: string }
  | { readonly name: 'embedded'; readonly directory: string };

/** The engine that the environment names. */
export function readEngine({ DATABASE_URL: url }: NodeJS.ProcessEnv): Engine {
  return url ? { name: 'server', url } : { name: 'embedded', directory: resolve('.data') };
}

/** The address of a database of this name on the server of `url`. */
function databaseUrl(url: string, name: string): string {
  const address = new URL(url);
  address.pathname = `/${name}`;
  return address.href;
}

/** The environment in which this server serves the data set. */
export function environmentOf(engine: Engine, dataSet: DataSet): Record<string, string> {
  const name = nameOf(dataSet);
  return engine.name === 'server'
    ? { DATABASE_URL: databaseUrl(engine.url, name) }
    : { DATABASE_URL: '', DATA_DIR: resolve(engine.directory, name), SAMPLE_DATA: 'off' };
}
