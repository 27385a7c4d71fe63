import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { claimDataDirectory, findOwner } from '../../src/database/data-directory.js';
import { startClaimingProcess, type ClaimingProcess } from '../helpers/claiming-processes.js';

let path: string;
let owner: ClaimingProcess;

beforeAll(async () => {
  path = await mkdtemp(join(tmpdir(), 'metrics-data-'));
  owner = await startClaimingProcess(path);
});
afterAll(async () => {
  await owner.kill();
  await rm(path, { recursive: true });
});

test('a process that is suspended still has its directory, and no caller waits for it for ever', async () => {
  await owner.send('claim');
  // As Ctrl-Z does, after which connections are still accepted, but get no reply.
  process.kill(owner.pid, 'SIGSTOP');
  const message = `The data directory ${path} is in use by a process that does not respond; it may be suspended.`;
  const [claiming, finding] = await Promise.allSettled([claimDataDirectory(path), findOwner(path)]);
  expect(claiming).toMatchObject({ status: 'rejected', reason: { name: 'Failure', message } });
  expect(finding).toMatchObject({ status: 'rejected', reason: { name: 'Failure', message } });
});
