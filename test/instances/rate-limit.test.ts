import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Redis } from 'ioredis';
import { createRateLimit, type RateLimit } from '../../src/limits/rate-limit.js';
import { connectRedis } from '../../src/limits/redis.js';
import { freePort } from '../helpers/free-port.js';

jest.setTimeout(30_000);

const ADA = { name: 'jwt:ada', role: 'reader', tenant: 'acme' } as const;
const ADDRESS = '192.0.2.1';
const BOUND = 4;

let server: ChildProcess;
let port: number;
const failures: Error[] = [];
const connections: Redis[] = [];

/** A server such as `apt-get install redis-server` brings, on a port that was free. */
async function startServer(): Promise<ChildProcess> {
  const started = spawn('redis-server', ['--port', String(port), '--save', ''], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of started.stdout) {
    if (String(line).includes('Ready to accept connections')) break;
  }
  return started;
}

beforeAll(async () => {
  port = await freePort();
  server = await startServer();
});
afterAll(() => {
  for (const redis of connections) redis.disconnect();
  server.kill();
});

/** Not `once`, which an error of a connection that tries again would end. */
const ready = (redis: Redis): Promise<void> =>
  new Promise((resolve) => redis.once('ready', () => resolve()));

/** The rate limit of an instance, connected. */
async function instance(): Promise<RateLimit> {
  const redis = await connectRedis(`redis://127.0.0.1:${port}`, (error) => failures.push(error));
  connections.push(redis);
  await ready(redis);
  return createRateLimit(BOUND, redis);
}

test('instances count a caller together, and each by itself while the server is gone', async () => {
  const limits = await Promise.all([instance(), instance(), instance()]);
  const [first, second, third] = limits;
  for (const limit of [first, second, third, first]) await limit.count(ADA, ADDRESS);
  for (const limit of limits) {
    await expect(limit.count(ADA, ADDRESS)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  }

  const lost = Promise.all(connections.map((redis) => once(redis, 'close')));
  server.kill();
  await Promise.all([lost, once(server, 'exit')]);
  const bob = { ...ADA, name: 'jwt:bob' };
  for (let times = 0; times < BOUND; times += 1) await second.count(bob, ADDRESS);
  await expect(second.count(bob, ADDRESS)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  await third.count(bob, ADDRESS);

  const back = Promise.all(connections.map(ready));
  server = await startServer();
  await back;
  const eve = { ...ADA, name: 'jwt:eve' };
  for (const limit of [first, second, third, third]) await limit.count(eve, ADDRESS);
  await expect(first.count(eve, ADDRESS)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  // A connection that has to try more than once reports its loss once.
  expect(failures.length).toBeLessThanOrEqual(connections.length);
});
