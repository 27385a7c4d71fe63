import { truncate } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { query } from '../helpers/postgres-messages.js';
import { Processes } from '../helpers/processes.js';
import { STACK_OVERFLOW } from '../helpers/stack-overflow.js';

const processes = new Processes();
afterAll(() => processes.close());

function ended(dataDir: string): RegExp {
  return new RegExp(
    `The embedded database in ${dataDir} ended unexpectedly \\(exit code 1\\): .+\\n$`,
  );
}

test('a server whose engine ends while it runs ends too, with the reason', async () => {
  const dataDir = await processes.dataDirectory();
  const server = await processes.server(dataDir, { SAMPLE_DATA: 'off' });
  // A client that connects is refused; this one sends a statement without having connected.
  const socket = createConnection(join(dataDir, '.s.PGSQL.5432'));
  socket.on('error', () => undefined);
  socket.write(query(STACK_OVERFLOW));
  expect(await server.exited).toEqual({ code: 1, signal: null });
  expect(server.stderr()).toMatch(ended(dataDir));
});

test('neither a server nor a command starts on a database that is damaged', async () => {
  const dataDir = await processes.dataDirectory();
  await truncate(join(dataDir, 'cluster', 'global', 'pg_control'));
  const server = await processes.failingServer(dataDir);
  expect(server).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(ended(dataDir)),
  });
  // Nothing of the server is left in its way.
  const command = await processes.cli(dataDir, 'migrate');
  expect(command).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(ended(dataDir)),
  });
});
