import { expect, test } from '@jest/globals';
import { UNNAMED_TOKEN, type Caller } from '../../src/access/caller.js';
import { createRateLimit } from '../../src/limits/rate-limit.js';

const ADA: Caller = { name: 'jwt:ada', role: 'reader', tenant: 'acme' };

test('each name of a tenant has a count of its own, wherever it comes from', async () => {
  const limit = createRateLimit(1);
  await limit.count(ADA, '192.0.2.1');
  await limit.count({ ...ADA, tenant: 'other' }, '192.0.2.1');
  await limit.count({ ...ADA, name: 'key:ada' }, '192.0.2.1');
  await expect(limit.count(ADA, '192.0.2.2')).rejects.toMatchObject({ code: 'RATE_LIMITED' });
});

test('those whose token has no name are counted by their address', async () => {
  const limit = createRateLimit(1);
  const unnamed = { ...ADA, name: UNNAMED_TOKEN };
  await limit.count(unnamed, '192.0.2.1');
  await limit.count(unnamed, '192.0.2.2');
  await expect(limit.count(unnamed, '192.0.2.1')).rejects.toMatchObject({ code: 'RATE_LIMITED' });
});
