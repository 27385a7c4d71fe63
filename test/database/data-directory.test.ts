import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  claimDataDirectory,
  findOwner,
  type DataDirectory,
} from '../../src/database/data-directory.js';
import { Failure } from '../../src/errors.js';
import { startClaimingProcess, type ClaimingProcess } from '../helpers/claiming-processes.js';

let parent: string;
let path: string;
let claimed: DataDirectory[];
let processes: ClaimingProcess[];

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'metrics-data-'));
  path = join(parent, 'a', 'data');
  claimed = [];
  processes = [];
});
afterEach(async () => {
  for (const directory of claimed) await directory.release();
  await Promise.all(processes.map((process) => process.kill()));
  await rm(parent, { recursive: true });
});

async function claim(): Promise<DataDirectory> {
  const directory = await claimDataDirectory(path);
  claimed.push(directory);
  return directory;
}

async function start(): Promise<ClaimingProcess> {
  const process = await startClaimingProcess(path);
  processes.push(process);
  return process;
}

function startThree(): Promise<[ClaimingProcess, ClaimingProcess, ClaimingProcess]> {
  return Promise.all([start(), start(), start()]);
}

async function findPid(): Promise<number | null> {
  const owner = await findOwner(path);
  owner?.socket.destroy();
  return owner?.pid ?? null;
}

function inUseBy(pid: number): string {
  return `The data directory ${path} is in use by process ${pid}. Stop that process, or set DATA_DIR to another directory.`;
}

test('is made for its owner alone', async () => {
  await claim();
  expect((await stat(path)).mode & 0o777).toBe(0o700);
  const names = await readdir(path);
  expect(names).toEqual([expect.stringMatching(/^control\.\d+\.sock$/)]);
  expect((await stat(join(path, names[0]!))).mode & 0o777).toBe(0o600);
});

test('has an owner from its claim to its release', async () => {
  expect(await findPid()).toBeNull();
  const directory = await claim();
  expect(directory.path).toBe(path);
  expect(await findPid()).toBe(process.pid);
  await claimed.pop()!.release();
  expect(await findPid()).toBeNull();
  await claim();
  expect(await findPid()).toBe(process.pid);
});

test('is refused to a second process, naming the directory and the first', async () => {
  await claim();
  const second = await start();
  expect(await second.send('claim')).toEqual({ claimed: false, message: inUseBy(process.pid) });
  // Being refused takes nothing from the owner.
  expect(await findPid()).toBe(process.pid);
  expect(await second.send('claim')).toEqual({ claimed: false, message: inUseBy(process.pid) });
  await claimed.pop()!.release();
  expect(await second.send('claim')).toEqual({ claimed: true });
  await expect(claim()).rejects.toThrow(new Failure(inUseBy(second.pid)));
});

test('is taken over from a process that was killed', async () => {
  const first = await start();
  expect(await first.send('claim')).toEqual({ claimed: true });
  await first.kill();
  expect(await readdir(path)).toHaveLength(1);
  expect(await findPid()).toBeNull();
  await claim();
  expect(await findPid()).toBe(process.pid);
});

test('goes to exactly one of several that find its owner killed', async () => {
  const killed = await start();
  const contenders = await startThree();
  await killed.send('claim');
  await killed.kill();
  for (let round = 0; round < 3; round++) {
    const replies = await Promise.all(contenders.map((contender) => contender.send('claim')));
    const winners = contenders.filter((_, i) => replies[i]!.claimed);
    expect(winners).toHaveLength(1);
    expect(await findPid()).toBe(winners[0]!.pid);
    // The next lock to take over is this one.
    await winners[0]!.kill();
    contenders.splice(contenders.indexOf(winners[0]!), 1);
  }
});

test('stays with the one that took it over, however late another acts on what it saw', async () => {
  const [killed, late, early] = await startThree();
  await killed.send('claim');
  await killed.kill();
  expect(await late.send('claim slowly')).toEqual({ claimed: false, message: 'stale' });
  expect(await early.send('claim')).toEqual({ claimed: true });
  expect(await late.send('go on')).toEqual({ claimed: false, message: inUseBy(early.pid) });
  expect(await findPid()).toBe(early.pid);
});

test('is free again when it was taken over and released while another looked at its stale lock', async () => {
  const [killed, late, early] = await startThree();
  await killed.send('claim');
  await killed.kill();
  await late.send('claim slowly');
  await early.send('claim');
  await early.send('release');
  expect(await late.send('go on')).toEqual({ claimed: true });
  expect(await early.send('claim')).toEqual({ claimed: false, message: inUseBy(late.pid) });
});

test('needs a path that a Unix socket can have', async () => {
  const long = join(parent, 'x'.repeat(100));
  await expect(claimDataDirectory(long)).rejects.toThrow(Failure);
  await expect(claimDataDirectory(long)).rejects.toThrow(
    /^DATA_DIR is too long for the Unix sockets in it: .*x{100} has \d+ bytes, .* Set DATA_DIR to a shorter path\.$/,
  );
  expect(await readdir(parent)).toEqual([]);
});

test('has to be a directory', async () => {
  const file = join(parent, 'file');
  await writeFile(file, '');
  await expect(claimDataDirectory(file)).rejects.toThrow(Failure);
  await expect(claimDataDirectory(file)).rejects.toThrow(
    `The data directory ${file} cannot be used: `,
  );
});

test('is refused where the kernel takes no directories, and commands report what is wrong', async () => {
  // Only Linux has it, and there Node.js's recursive mkdir never ends.
  if (process.platform !== 'linux') return;
  await expect(claimDataDirectory('/proc/none/data')).rejects.toThrow(
    'The data directory /proc/none/data cannot be used: ENOENT',
  );
  const file = join(parent, 'file');
  await writeFile(file, '');
  expect(await findOwner(file)).toBeNull();
});

test('keeps those that connect before it serves, and serves them then', async () => {
  const directory = await claim();
  const early = (await findOwner(path))!;
  early.socket.write('sent early');
  const served: Socket[] = [];
  const heard: string[] = [];
  const serveTwo = new Promise<void>((resolve) => {
    directory.serve((socket) => {
      served.push(socket);
      socket.once('data', (data) => {
        heard.push(data.toString());
        socket.end('done');
        if (heard.length === 2) resolve();
      });
    });
  });
  const later = (await findOwner(path))!;
  later.socket.write('sent later');
  await serveTwo;
  expect(served).toHaveLength(2);
  expect(heard.toSorted()).toEqual(['sent early', 'sent later']);
});

test('does not wait at its release for those that it never served', async () => {
  await claim();
  const { socket } = (await findOwner(path))!;
  const closed = once(socket, 'close');
  await claimed.pop()!.release();
  expect(await closed).toEqual([false]);
});
