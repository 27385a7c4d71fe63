import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Client, type ClientBase } from 'pg';
import { cancelStatement } from '../../src/database/cancel-statement.js';
import { createDataSource } from '../../src/database/data-source.js';
import { verifiedUrl } from '../../src/database/verified-url.js';

const SSL_REQUEST = '0000000804d2162f';
const CERTIFICATE = new URL('certificates/localhost.crt', import.meta.url);
const KEY = new URL('certificates/localhost.key', import.meta.url);

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

/** A server that takes TLS as PostgreSQL does, with a certificate that no authority has signed. */
async function listen(
  onMessage: (message: Buffer, socket: Socket) => void,
): Promise<{ readonly port: number; readonly url: string }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (first) => {
      if (first.toString('hex') !== SSL_REQUEST) return onMessage(first, socket);
      socket.write('S');
      const secure = new TLSSocket(socket, {
        isServer: true,
        cert: readFileSync(CERTIFICATE),
        key: readFileSync(KEY),
      });
      secure.on('error', () => undefined);
      secure.once('data', (message: Buffer) => onMessage(message, secure));
    });
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, url: `postgres://me:secret@localhost:${port}/metrics` };
}

describe('cancelling', () => {
  const session = { host: '127.0.0.1', processID: 4711, secretKey: -12 };
  const CANCEL = '0000001004d2162e00001267fffffff4';

  test.each<[string, boolean | object]>([
    ['in the open', false],
    ['encrypted where the client is', { ca: readFileSync(CERTIFICATE), servername: 'localhost' }],
  ])('is requested from the server by a connection of its own, %s', async (_, ssl) => {
    let heard: string | undefined;
    const { port } = await listen((message, socket) => {
      heard = message.toString('hex');
      // PostgreSQL closes the connection when it has acted on it.
      setTimeout(() => socket.end(), 50);
    });
    const host = ssl ? 'localhost' : session.host;
    await cancelStatement({ ...session, host, port, ssl } as unknown as ClientBase);
    expect(heard).toBe(CANCEL);
  });

  test('does not fail where the server is gone', async () => {
    const { port } = await listen(() => undefined);
    servers.splice(0).forEach((server) => server.close());
    const client = { ...session, port, ssl: false } as unknown as ClientBase;
    await expect(cancelStatement(client)).resolves.toBeUndefined();
  });
});

describe('TLS to the database', () => {
  /** What a server says after TLS, in PostgreSQL's protocol: an error with this message. */
  const REACHED = Buffer.from(`E\0\0\0\u0014SFATAL\0Mreached\0\0`, 'latin1');

  async function outcome(query: string): Promise<{ message: string; reached: boolean }> {
    let reached = false;
    const { url } = await listen((_message, socket) => {
      reached = true;
      REACHED.writeUInt32BE(REACHED.length - 1, 1);
      socket.end(REACHED);
    });
    const { verified } = verifiedUrl(url + query);
    const source = createDataSource({ url: verified, replicaUrls: [], poolSize: 6 });
    const error = await source.initialize().then(
      () => new Error('none'),
      (thrown: unknown) => thrown as Error,
    );
    return { message: error.message, reached };
  }
  const CA = `sslrootcert=${fileURLToPath(CERTIFICATE)}`;

  test.each(['require', 'prefer', 'verify-ca', 'verify-full'])(
    'is refused with sslmode=%s where the server is not verified',
    async (mode) => {
      expect(await outcome(`?sslmode=${mode}`)).toEqual({
        message: 'self-signed certificate',
        reached: false,
      });
    },
  );

  test('is taken where the certificate is the one that was given', async () => {
    expect(await outcome(`?sslmode=require&${CA}`)).toEqual({ message: 'reached', reached: true });
  });

  test('is refused where the certificate is of another host', async () => {
    const { url } = await listen(() => undefined);
    const { verified } = verifiedUrl(
      `${url.replace('localhost', '127.0.0.1')}?sslmode=require&${CA}`,
    );
    const client = new Client({ connectionString: verified });
    await expect(client.connect()).rejects.toThrow('does not match certificate');
  });

  test('is never given up silently', async () => {
    const server = createServer((socket) => socket.once('data', () => socket.write('N')));
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const client = new Client({
      connectionString: `postgres://localhost:${port}/x?sslmode=verify-full`,
    });
    await expect(client.connect()).rejects.toThrow('does not support SSL');
  });
});
