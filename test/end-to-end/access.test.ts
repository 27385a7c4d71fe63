import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { claims, signWithSecret } from '../access/jwks-server.js';
import { DAILY_HEADER, lines, PORTFOLIO_HEADER, writeImport } from '../helpers/import-files.js';
import { Processes, type Finished, type RunningServer } from '../helpers/processes.js';
import { portfolioId } from '../helpers/test-data.js';
import { openSocket } from '../http/test-sockets.js';

const NOTICED_MS = 1100;
const JWT_SECRET = 'the secret of the issuer, thirty-two bytes or more';
const TOKENS = {
  JWT_SECRET,
  JWT_ISSUER: 'https://issuer.example',
  JWT_AUDIENCE: 'rolling-metrics',
};
const QUERY = '{ portfolios { totalCount edges { node { name tenant } } } }';

jest.setTimeout(120_000);

const processes = new Processes();
afterAll(() => processes.close());

async function execute(
  url: string,
  credential?: string,
  query = QUERY,
): Promise<{ status: number; body: { data?: unknown } }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
    },
    body: JSON.stringify({ query }),
  });
  return { status: response.status, body: (await response.json()) as { data?: unknown } };
}

/** Makes a key by the command and gives it. */
async function createKey(dataDir: string, ...options: string[]): Promise<string> {
  const { code, stdout } = await processes.cli(dataDir, 'keys', 'create', ...options);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^rpm_[0-9a-f]{64}\n$/);
  return stdout.trim();
}

test('a server that others can reach needs a key first, which a command makes without it', async () => {
  const dataDir = await processes.dataDirectory();
  const exposed = { HOST: '0.0.0.0', SAMPLE_DATA: 'off' };
  const refused = await processes.failingServer(dataDir, exposed);
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toMatch(/^HOST=0\.0\.0\.0 can be reached .*keys create.*ACCESS=open.*\n$/);

  const key = await createKey(dataDir, '--name', 'first', '--role', 'operator', '--tenant', '*');
  const server = await processes.server(dataDir, exposed);
  const url = server.url.replace('0.0.0.0', '127.0.0.1');
  expect((await execute(url)).status).toBe(401);
  expect((await execute(url, key)).status).toBe(200);
  // Introspection is off, and a request for it without a key says only that one is needed.
  expect((await execute(url, key, '{ __schema { queryType { name } } }')).status).toBe(400);
  expect((await execute(url, undefined, '{ __schema { queryType { name } } }')).status).toBe(401);
  const status = await processes.cli(dataDir, 'status', '--url', url, '--token', key);
  expect(status).toMatchObject({ code: 0, stderr: '' });
  const without = await processes.cli(dataDir, 'status', '--url', url);
  expect(without.code).toBe(1);
  expect(without.stderr).toMatch(/401 .*Give a token with --token or API_TOKEN\./);
});

describe('in production on a loopback address', () => {
  test('no client gets in without a credential', async () => {
    const dataDir = await processes.dataDirectory();
    const env = { NODE_ENV: 'production', SAMPLE_DATA: 'off' };
    const server = await processes.server(dataDir, env);
    expect((await execute(server.url)).status).toBe(401);
    await server.printed(
      'stderr',
      /^Warning: No client can get in: .*rolling-metrics keys create/m,
    );
    const key = await createKey(dataDir, '--name', 'a', '--role', 'reader');
    expect((await execute(server.url, key)).status).toBe(200);
  });
});

describe('a server at work', () => {
  let dataDir: string;
  let server: RunningServer;
  let imported: Finished;
  const start = (): Promise<RunningServer> =>
    processes.server(dataDir, { ...TOKENS, SAMPLE_DATA: 'off', LOG_LEVEL: 'trace' });

  beforeAll(async () => {
    dataDir = await processes.dataDirectory();
    server = await start();
    const id = (n: number): string => portfolioId(n);
    const files = await writeImport(await processes.directory(), {
      portfolios: lines(
        `${PORTFOLIO_HEADER},tenant`,
        `${id(1)},One,USD,,acme`,
        `${id(2)},Two,USD,,globex`,
        `${id(3)},Three,USD,,`,
        `${id(4)},Four,USD,,initech`,
      ),
      daily: lines(DAILY_HEADER, ...[1, 2, 3, 4].map((n) => `${id(n)},2024-01-02,0.01,100,,,,`)),
    });
    imported = await processes.cli(dataDir, ...files);
  });

  test('takes files with tenants', () => {
    expect(imported).toMatchObject({ code: 0 });
  });

  test('takes keys that commands make, and refuses those that they revoke', async () => {
    const key = await createKey(dataDir, '--name', 'ada', '--role', 'writer', '--tenant', 'acme');
    const byDefault = await createKey(dataDir, '--name', 'bob', '--role', 'reader');
    const names = async (credential: string): Promise<unknown> =>
      (await execute(server.url, credential)).body.data;
    const one = (name: string, tenant: string): unknown => ({
      portfolios: { totalCount: 1, edges: [{ node: { name, tenant } }] },
    });
    expect(await names(key)).toEqual(one('One', 'acme'));
    expect(await names(byDefault)).toEqual(one('Three', 'default'));
    const again = await processes.cli(
      dataDir,
      'keys',
      'create',
      '--name',
      'ada',
      '--role',
      'reader',
    );
    expect(again).toMatchObject({ code: 1, stdout: '' });
    expect(again.stderr).toContain('There is a key called ada.');
    const listed = await processes.cli(dataDir, 'keys', 'list');
    expect(listed.stdout).toMatch(/^ada +writer +acme +\S+\nbob +reader +default +\S+$/m);
    const { stdout } = await processes.cli(dataDir, 'keys', 'list', '--json');
    const keys = (JSON.parse(stdout) as { name: string }[]).filter(({ name }) =>
      ['ada', 'bob'].includes(name),
    );
    expect(keys).toMatchObject([{ name: 'ada' }, { name: 'bob', revokedAt: null }]);

    expect(await processes.cli(dataDir, 'keys', 'revoke', 'ada')).toMatchObject({
      code: 0,
      stdout: 'Revoked: ada\n',
    });
    await delay(NOTICED_MS);
    expect((await execute(server.url, key)).status).toBe(401);
    const unknown = await processes.cli(dataDir, 'keys', 'revoke', 'ada');
    expect(unknown).toMatchObject({ code: 1 });
    expect(unknown.stderr).toContain('There is no valid key called ada');
  });

  test.each([
    [['create', '--name', 'x'], /--role/],
    [['create', '--role', 'reader'], /--name/],
    [['create', '--name', 'x', '--role', 'root'], /reader, writer, operator/],
    [['create', '--name', '', '--role', 'reader'], /is empty/],
    [['create', '--name', 'x', '--role', 'reader', '--tenant', ''], /is empty/],
  ])('keys %j is refused', async (options, message) => {
    const { code, stdout, stderr } = await processes.cli(dataDir, 'keys', ...options);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
  });

  test('imports never change a tenant', async () => {
    const write = async (tenant: string): Promise<string[]> =>
      writeImport(await processes.directory(), {
        portfolios: lines(`${PORTFOLIO_HEADER},tenant`, `${portfolioId(4)},Renamed,USD,,${tenant}`),
        daily: lines(DAILY_HEADER),
      });
    const refused = await processes.cli(dataDir, ...(await write('globex')));
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      `:2: tenant "globex" is not that of portfolio ${portfolioId(4)}, "initech", which never changes`,
    );
    expect((await processes.cli(dataDir, ...(await write('*')))).stderr).toContain(
      ':2: tenant "*" is not one tenant',
    );
    for (const tenant of ['', 'initech']) {
      const { code } = await processes.cli(dataDir, ...(await write(tenant)));
      expect(code).toBe(0);
    }
    const token = await signWithSecret(JWT_SECRET, claims(new Date(), { tenant: 'initech' }));
    expect((await execute(server.url, token)).body.data).toEqual({
      portfolios: { totalCount: 1, edges: [{ node: { name: 'Renamed', tenant: 'initech' } }] },
    });
  });

  test('logs no credential, whatever becomes of it, and the audit of all that was done', async () => {
    const options = ['--role', 'operator', '--tenant', '*'];
    const operator = await createKey(dataDir, '--name', 'ops', ...options);
    const revoked = await createKey(dataDir, '--name', 'gone', '--role', 'reader');
    await processes.cli(dataDir, 'keys', 'revoke', 'gone');
    const reader = await signWithSecret(JWT_SECRET, claims(new Date()));
    const right = await signWithSecret(JWT_SECRET, claims(new Date(), { role: 'operator' }));
    const expired = await signWithSecret(JWT_SECRET, claims(new Date(0)));
    const forged = await signWithSecret(`${JWT_SECRET}!`, claims(new Date()));
    const unknown = `rpm_${'0123456789abcdef'.repeat(4)}`;
    const credentials = [operator, revoked, reader, right, expired, forged, unknown];
    const socketUrl = server.url.replace('http', 'ws');
    for (const credential of credentials) {
      const authorization = `Bearer ${credential}`;
      await execute(server.url, credential);
      await execute(server.url, `${credential}x`);
      await execute(server.url, credential, '{ nonsense');
      await execute(
        server.url,
        credential,
        'mutation { refreshAllAggregates(wait: false) { id } }',
      );
      await execute(server.url, credential, `mutation { cancelRefresh(id: "-1") { id } }`);
      // Requests that fail in other ways than an operation does.
      for (const body of ['{', 'x'.repeat(9_000_000), '"text"']) {
        const headers = { 'content-type': 'application/json', authorization };
        await fetch(server.url, { method: 'POST', headers, body }).catch(() => undefined);
      }
      await fetch(`${server.url}/no-such-path`, { headers: { authorization } });
      const socket = await openSocket(socketUrl);
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }));
      socket.send(
        JSON.stringify({
          id: '1',
          type: 'subscribe',
          payload: { query: 'subscription { aggregateRefreshed { nonsense } }' },
        }),
      );
      await delay(50);
      socket.send(`not JSON ${'x'.repeat(2_000_000)}`);
      await delay(50);
      socket.terminate();
    }
    await processes.cli(dataDir, 'refresh', '--url', server.url, '--token', operator);
    await server.stop();

    const log = server.stdout() + server.stderr();
    server = await start();
    expect(log).toContain('a credential was refused');
    for (const action of ['import', 'create key', 'revoke key', 'refreshAllAggregates']) {
      expect(log).toContain(`"action":"${action}"`);
    }
    for (const secret of [JWT_SECRET, ...credentials]) {
      expect(log).not.toContain(secret);
      // Nor a part that identifies it, nor what is stored of it.
      expect(log).not.toContain(secret.slice(-24));
      expect(log).not.toContain(createHash('sha256').update(secret).digest('hex'));
    }
  });
});
