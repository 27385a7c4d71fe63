import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { startEmbeddedEngine } from '../../src/database/embedded-engine.js';
import { connect } from '../../src/database/open-database.js';
import { Failure } from '../../src/errors.js';
import { checkTimescale } from '../../src/timescale/check-timescale.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';

const PLAIN_POSTGRES = new URL('../helpers/plain-postgres-worker.mjs', import.meta.url);

test('PostgreSQL without TimescaleDB is refused, and left as it was', async () => {
  const engine = await startEmbeddedEngine({
    workerFile: PLAIN_POSTGRES,
    onFailure: (failure) => {
      throw failure;
    },
  });
  try {
    const refused = connect('embedded', engine, { check: checkTimescale });
    await expect(refused).rejects.toThrow(Failure);
    await expect(refused).rejects.toThrow(
      `The server of database "template1" does not have TimescaleDB. Install TimescaleDB 2.22 or later on PostgreSQL 15 to 18 on it (with shared_preload_libraries = 'timescaledb'), or unset DATABASE_URL to use the embedded database.`,
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

describe('what this program reads of TimescaleDB', () => {
  let db: TestDatabase;

  beforeAll(async () => {
    db = await openTestDatabase();
  });
  afterAll(() => db.close());

  test('is there in the embedded engine', async () => {
    const session = { query: db.database.write.bind(db.database) };
    await expect(checkTimescale(session)).resolves.toBeUndefined();
  });

  test('is named where it is missing, with the version, and those that are supported', async () => {
    const check = db.database.transaction(async (session) => {
      for (const change of [
        'ALTER TABLE _timescaledb_catalog.continuous_aggs_materialization_ranges RENAME TO ranges',
        'ALTER TABLE _timescaledb_catalog.continuous_agg RENAME mat_hypertable_id TO mat_id',
        'ALTER FUNCTION hypertable_approximate_size RENAME TO approximate_size',
      ]) {
        await session.query(change);
      }
      // Takes it all back.
      await checkTimescale(session);
    });
    await expect(check).rejects.toThrow(Failure);
    await expect(check).rejects.toThrow(
      /^TimescaleDB 2\.\S+ in database "template1" does not have what this program reads: column _timescaledb_catalog\.continuous_agg\.mat_hypertable_id, function hypertable_approximate_size, relation _timescaledb_catalog\.continuous_aggs_materialization_ranges\. Supported is TimescaleDB 2\.22 or later on PostgreSQL 15 to 18: install such a version, or a newer version of this program\.$/,
    );
  });
});

interface Installation {
  readonly installed?: string;
  readonly available?: string;
  readonly license?: string;
  readonly loaded?: boolean;
  /** Why the extension cannot be created. */
  readonly refusal?: Error;
}

/**
 * A stand-in for a server: the embedded engine has one version of TimescaleDB and one licence, so
 * others cannot be had from it.
 */
class Server {
  readonly created: string[] = [];

  constructor(private installation: Installation) {}

  // oxlint-disable-next-line require-await -- as a Queryable it resolves later
  async query<Row>(sql: string): Promise<Row[]> {
    const { installed = null, available = null, license = null, loaded = true } = this.installation;
    if (sql.startsWith('CREATE EXTENSION')) {
      if (this.installation.refusal) throw this.installation.refusal;
      this.created.push(sql);
      this.installation = {
        license: 'timescale',
        ...this.installation,
        ...(available === null ? {} : { installed: available }),
      };
      return [];
    }
    if (sql.includes('pg_attribute')) return [];
    return [
      { database: 'metrics', role: 'reporting', loaded, installed, available, license },
    ] as Row[];
  }
}

describe('a server', () => {
  test.each(['2.22.0', '2.22', '2.30.1', '2.100.0', '3.0.0-dev'])(
    'with TimescaleDB %s is taken as it is',
    async (installed) => {
      const server = new Server({ installed, available: '9.9', license: 'timescale' });
      await checkTimescale(server);
      expect(server.created).toEqual([]);
    },
  );

  test.each(['2.21.4', '2.9.3', '1.99.0'])('with TimescaleDB %s is refused', async (installed) => {
    const check = checkTimescale(new Server({ installed, license: 'timescale' }));
    await expect(check).rejects.toThrow(
      new Failure(
        `TimescaleDB in database "metrics" is version ${installed}. Supported is TimescaleDB 2.22 or later on PostgreSQL 15 to 18: install it, and run ALTER EXTENSION timescaledb UPDATE;`,
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

  test.each([{ installed: '2.23.0' }, { available: '2.23.0' }])(
    'that has not loaded the library is refused, before it ends the connection: %j',
    async (installation) => {
      const server = new Server({ ...installation, loaded: false });
      await expect(checkTimescale(server)).rejects.toThrow(
        new Failure(
          'TimescaleDB is not loaded on the server of database "metrics". Add timescaledb to shared_preload_libraries in its postgresql.conf, and restart it.',
        ),
      );
      expect(server.created).toEqual([]);
    },
  );

  test('that offers TimescaleDB gets it in the database', async () => {
    const server = new Server({ available: '2.23.0' });
    await checkTimescale(server);
    expect(server.created).toEqual(['CREATE EXTENSION IF NOT EXISTS timescaledb']);
  });

  test('where the role may not create it says so, with what a superuser runs', async () => {
    const refusal = Object.assign(new Error('permission denied to create extension'), {
      code: '42501',
    });
    const check = checkTimescale(new Server({ available: '2.23.0', refusal }));
    await expect(check).rejects.toThrow(Failure);
    await expect(check).rejects.toThrow(
      'Role "reporting" may not create the extension timescaledb in database "metrics": permission denied to create extension. Let a superuser run, in that database: CREATE EXTENSION timescaledb;',
    );
  });

  test('that offers an older one is refused before anything is made', async () => {
    const server = new Server({ available: '2.17.2' });
    await expect(checkTimescale(server)).rejects.toThrow('is version 2.17.2');
    expect(server.created).toEqual([]);
  });
});
