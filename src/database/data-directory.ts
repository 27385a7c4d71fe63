import { once } from 'node:events';
import { chmod, link, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { Failure, messageOf } from '../errors.js';
import { MAX_SOCKET_PATH_BYTES } from './embedded-engine.js';
import { firstLine } from './first-line.js';

/**
 * The socket on which commands reach the process that has the directory; it is also the lock. Each
 * owner's has the number after the one before, and only the highest counts.
 */
const lockName = (number: number): string => `control.${number}.sock`;
const LOCK_NAME = /^control\.(\d+)\.sock$/;
/** What a path has room for besides its socket of the longest name. */
const MAX_PATH_BYTES = MAX_SOCKET_PATH_BYTES - '/control.4294967295.sock'.length;

/** How long the owner of a directory may take to identify itself. */
const GREETING_MS = 3000;

/** The first line the owner of a directory sends to each client. */
interface Greeting {
  readonly pid: number;
}

/** A data directory that this process alone has. */
export interface DataDirectory {
  readonly path: string;
  /** From now on, connections to the control socket are given to `serve`. */
  serve(serve: (socket: Socket) => void): void;
  release(): Promise<void>;
}

/**
 * Takes the data directory for this process, creating it where needed. Throws a Failure that
 * names the directory and the process that has it.
 *
 * The lock is a listening socket, linked to its public name: the link is atomic, and the kernel
 * closes the socket with its process, so a lock left by a killed process is known by its refusing
 * connections, whatever process has that pid now. A lock that is left stays, and the next owner
 * takes the next number: were it removed and its name taken again, of two that found it, the slower
 * could remove the lock of the faster.
 */
export async function claimDataDirectory(path: string): Promise<DataDirectory> {
  const bytes = Buffer.byteLength(path);
  if (bytes > MAX_PATH_BYTES) {
    throw new Failure(
      `DATA_DIR is too long for the Unix sockets in it: ${path} has ${bytes} bytes, at most ${MAX_PATH_BYTES} are possible. Set DATA_DIR to a shorter path.`,
    );
  }
  try {
    await makeDirectory(path);
    await chmod(path, 0o700);
  } catch (error) {
    throw unusable(path, error);
  }

  let serve: ((socket: Socket) => void) | undefined;
  const connected = new Set<Socket>();
  const server = createServer((socket) => {
    connected.add(socket);
    socket.once('close', () => connected.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.write(`${JSON.stringify({ pid: process.pid } satisfies Greeting)}\n`);
    serve?.(socket);
  });
  const privateName = join(path, `claim.${process.pid}.sock`);
  await rm(privateName, { force: true });
  server.listen(privateName);
  await once(server, 'listening');
  try {
    await chmod(privateName, 0o600);
    await takeLock(path, privateName);
  } catch (error) {
    server.close();
    throw error;
  } finally {
    await rm(privateName, { force: true });
  }
  return {
    path,
    serve(handler) {
      serve = handler;
      for (const socket of connected) handler(socket);
    },
    async release() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of connected) socket.destroy();
      await closed;
    },
  };
}

/**
 * Makes a directory and those above it. Node.js's own recursive mkdir never ends where the kernel
 * takes no directories, as in /proc.
 */
async function makeDirectory(path: string): Promise<void> {
  const make = (): Promise<unknown> => mkdir(path, { mode: 0o700 });
  await make().catch(async (error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    if (error.code !== 'ENOENT') throw error;
    await makeDirectory(dirname(path));
    await make();
  });
}

function unusable(path: string, error: unknown): Failure {
  return new Failure(
    `The data directory ${path} cannot be used: ${messageOf(error)}. Set DATA_DIR to a directory that this user may write.`,
  );
}

/** Connects to the process that has the data directory, or returns null where none has. */
export async function findOwner(
  path: string,
): Promise<{ readonly pid: number; readonly socket: Socket } | null> {
  return greet(join(path, lockName(await lastLock(path))));
}

async function takeLock(path: string, privateName: string): Promise<void> {
  const last = await lastLock(path);
  const owner = await greet(join(path, lockName(last)));
  if (owner) {
    owner.socket.destroy();
    throw new Failure(
      `The data directory ${path} is in use by process ${owner.pid}. Stop that process, or set DATA_DIR to another directory.`,
    );
  }
  const own = join(path, lockName(last + 1));
  try {
    await link(privateName, own);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return takeLock(path, privateName);
  }
  // Others may have taken and left the directory since, and removed the lock that had this number.
  if ((await lastLock(path)) !== last + 1) {
    await rm(own, { force: true });
    return takeLock(path, privateName);
  }
  const left = (await locks(path)).filter((number) => number <= last);
  await Promise.all(left.map((number) => rm(join(path, lockName(number)), { force: true })));
}

/** The number of the lock that counts, held or left; 0 before the first. */
async function lastLock(path: string): Promise<number> {
  return Math.max(0, ...(await locks(path)));
}

async function locks(path: string): Promise<number[]> {
  const names = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw unusable(path, error);
  });
  return names.flatMap((name) => {
    const number = LOCK_NAME.exec(name)?.[1];
    return number === undefined ? [] : Number(number);
  });
}

async function greet(
  socketPath: string,
): Promise<{ readonly pid: number; readonly socket: Socket } | null> {
  const socket = createConnection(socketPath);
  try {
    await once(socket, 'connect');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (['ENOENT', 'ENOTDIR', 'ECONNREFUSED'].includes(code ?? '')) return null;
    throw error;
  }
  // A process that is killed may reset its connections: they end, like others.
  socket.on('error', () => socket.destroy());
  let timer: NodeJS.Timeout | undefined;
  const line = await new Promise<string | null>((resolve, reject) => {
    void firstLine(socket).then(resolve);
    // A process that is suspended takes connections too, but says nothing.
    timer = setTimeout(() => {
      socket.destroy();
      reject(
        new Failure(
          `The data directory ${dirname(socketPath)} is in use by a process that does not respond; it may be suspended.`,
        ),
      );
    }, GREETING_MS);
  });
  clearTimeout(timer);
  socket.resume();
  if (line === null) return null;
  return { pid: (JSON.parse(line) as Greeting).pid, socket };
}
