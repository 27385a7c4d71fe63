import { once } from 'node:events';
import { chmod, link, mkdir, rename, rm } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Failure } from '../errors.js';
import { MAX_SOCKET_PATH_BYTES } from './embedded-engine.js';

/** The socket by which commands reach the process that has the directory; it is also the lock. */
const CONTROL_SOCKET = 'control.sock';

/** The first line the owner of a directory says to whoever connects. */
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
 * connections, whatever process has that number now.
 */
export async function claimDataDirectory(path: string): Promise<DataDirectory> {
  const publicName = join(path, CONTROL_SOCKET);
  const privateName = join(path, `control.${process.pid}.sock`);
  if (Buffer.byteLength(privateName) > MAX_SOCKET_PATH_BYTES) {
    throw new Failure(
      `DATA_DIR is too long for a Unix socket: ${privateName} has over ${MAX_SOCKET_PATH_BYTES} bytes. Set DATA_DIR to a shorter path.`,
    );
  }
  await mkdir(path, { recursive: true, mode: 0o700 });
  await chmod(path, 0o700);

  let serve: ((socket: Socket) => void) | undefined;
  const waiting = new Set<Socket>();
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.write(`${JSON.stringify({ pid: process.pid } satisfies Greeting)}\n`);
    if (serve) return serve(socket);
    waiting.add(socket);
    socket.once('close', () => waiting.delete(socket));
  });
  await rm(privateName, { force: true });
  server.listen(privateName);
  await once(server, 'listening');
  try {
    await chmod(privateName, 0o600);
    await takeLock(path, privateName, publicName);
  } catch (error) {
    server.close();
    await rm(privateName, { force: true });
    throw error;
  }
  return {
    path,
    serve(handler) {
      serve = handler;
      for (const socket of waiting) handler(socket);
      waiting.clear();
    },
    async release() {
      for (const socket of waiting) socket.destroy();
      await rm(publicName, { force: true });
      // Closing removes the private name.
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Connects to the process that has the data directory, or gives null where none has. */
export async function findOwner(
  path: string,
): Promise<{ readonly pid: number; readonly socket: Socket } | null> {
  return greet(join(path, CONTROL_SOCKET));
}

async function takeLock(path: string, privateName: string, publicName: string): Promise<void> {
  try {
    await link(privateName, publicName);
    return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const owner = await greet(publicName);
  if (owner) {
    owner.socket.destroy();
    throw new Failure(
      `The data directory ${path} is in use by process ${owner.pid}. Stop that process, or set DATA_DIR to another directory.`,
    );
  }
  // Left by a process that was killed. Moving it aside is atomic: of several that try, one has it.
  const stale = `${privateName}.stale`;
  await rename(publicName, stale).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rm(stale, { force: true });
  await takeLock(path, privateName, publicName);
}

async function greet(
  socketPath: string,
): Promise<{ readonly pid: number; readonly socket: Socket } | null> {
  const socket = createConnection(socketPath);
  try {
    await once(socket, 'connect');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return null;
    throw error;
  }
  const lines = createInterface({ input: socket });
  const line = await new Promise<string | null>((resolve) => {
    lines.once('line', resolve);
    lines.once('close', () => resolve(null));
  });
  lines.removeAllListeners();
  lines.close();
  socket.resume();
  if (line === null) return null;
  return { pid: (JSON.parse(line) as Greeting).pid, socket };
}
