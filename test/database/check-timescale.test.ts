import { describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { checkTimescale } from '../../src/database/check-timescale.js';
import { startEmbeddedEngine } from '../../src/database/embedded-engine.js';
import { connect } from '../../src/database/open-database.js';
import { Failure } from '../../src/errors.js';

const PLAIN_POSTGRES = new URL('../helpers/plain-postgres-worker.mjs', import.meta.url);

test('PostgreSQL without TimescaleDB is refused, and left as it was', async () => {
  const engine = await startEmbeddedEngine({
    workerFile: PLAIN_POSTGRES,
    onFailure: (failure) => {
      throw failure;
    },
  });
  try {
    const refused = connect('embedded', engine);
    await expect(refused).rejects.toThrow(Failure);
    await expect(refused).rejects.toThrow(
      `The server of database "template1" does not have TimescaleDB. Install TimescaleDB 2.19 or later on it (with shared_preload_libraries = 'timescaledb'), or unset DATABASE_URL to use the embedded database.`,
    );
    const client = new Client({ host: engine.socketDir, port: 5432, user: 'postgres' });
    await client.connect();
    const { rows } = await client.query(`SELECT to_regclass('migrations') AS migrations`);
    await client.end();
    expect(rows).toEqual([{ migrations: null }]);
  } finally {
    await engine.close();
  }
});

/**
 * A stand-in for a server: the embedded engine has one version of TimescaleDB and one licence, so
 * others cannot be had from it.
 */
class Server {
  readonly created: string[] = [];

  constructor(
    private readonly installation: {
      installed?: string;
      available?: string;
      license?: string;
    },
  ) {}

  // oxlint-disable-next-line require-await -- as a Queryable it answers later
  async query<Row>(sql: string): Promise<Row[]> {
    const { installed = null, available = null, license = null } = this.installation;
    if (sql.startsWith('CREATE EXTENSION')) {
      this.created.push(sql);
      if (available !== null) this.installation.installed = available;
      this.installation.license ??= 'timescale';
      return [];
    }
    return [{ database: 'metrics', installed, available, license }] as Row[];
  }
}

describe('a server', () => {
  test.each(['2.19.0', '2.19', '2.20.1', '2.100.0', '3.0.0-dev'])(
    'with TimescaleDB %s is taken as it is',
    async (installed) => {
      const server = new Server({ installed, available: '9.9', license: 'timescale' });
      await checkTimescale(server);
      expect(server.created).toEqual([]);
    },
  );

  test.each(['2.18.2', '2.9.3', '1.99.0'])('with TimescaleDB %s is refused', async (installed) => {
    const check = checkTimescale(new Server({ installed, license: 'timescale' }));
    await expect(check).rejects.toThrow(
      new Failure(
        `TimescaleDB in database "metrics" is version ${installed}, but 2.19 or later is needed. Upgrade it: ALTER EXTENSION timescaledb UPDATE.`,
      ),
    );
  });

  test('with the Apache edition is refused', async () => {
    const check = checkTimescale(new Server({ installed: '2.23.0', license: 'apache' }));
    await expect(check).rejects.toThrow(
      new Failure(
        `TimescaleDB in database "metrics" runs with the licence "apache", which has no continuous aggregates. Install the community edition and set timescaledb.license = 'timescale'.`,
      ),
    );
  });

  test('whose extension is not loaded is refused', async () => {
    await expect(checkTimescale(new Server({ installed: '2.23.0' }))).rejects.toThrow(
      'the licence "none"',
    );
  });

  test('that offers TimescaleDB gets it in the database', async () => {
    const server = new Server({ available: '2.23.0' });
    await checkTimescale(server);
    expect(server.created).toEqual(['CREATE EXTENSION IF NOT EXISTS timescaledb']);
  });

  test('that offers an older one is refused before anything is made', async () => {
    const server = new Server({ available: '2.17.2' });
    await expect(checkTimescale(server)).rejects.toThrow('is version 2.17.2');
    expect(server.created).toEqual([]);
  });
});
