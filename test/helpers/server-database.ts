import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

/** A database of its own on the server of TEST_DATABASE_URL. */
export interface ServerDatabase {
  readonly url: string;
  /** A session of its own, as a program beside this one has it; ends with the database. */
  connect(): Promise<Client>;
  drop(): Promise<void>;
}

/**
 * Makes a clone of the template, or an empty database; with the version TEST_TIMESCALE_VERSION of
 * TimescaleDB, where the server has several.
 */
export async function createServerDatabase(template?: string): Promise<ServerDatabase> {
  const server = process.env['TEST_DATABASE_URL'];
  if (!server) {
    throw new Error(
      'TEST_DATABASE_URL is not set: TEST_DATABASE_URL=postgres://postgres@localhost:5432/postgres npm run test:server',
    );
  }
  const name = `${process.env['TEST_TEMPLATE']}_${randomBytes(4).toString('hex')}`;
  const admin = new Client({ connectionString: server });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}${template ? ` TEMPLATE ${template}` : ''}`);
  const address = new URL(server);
  address.pathname = `/${name}`;
  const clients: Client[] = [];
  const connect = async (): Promise<Client> => {
    const client = new Client({ connectionString: address.href });
    await client.connect();
    clients.push(client);
    return client;
  };
  const version = process.env['TEST_TIMESCALE_VERSION'];
  if (version && !template)
    await (await connect()).query(`CREATE EXTENSION timescaledb VERSION '${version}'`);
  return {
    url: address.href,
    connect,
    async drop() {
      await Promise.all(clients.map((client) => client.end()));
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.end();
    },
  };
}
