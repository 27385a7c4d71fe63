import { once } from 'node:events';
import { createServer } from 'node:net';
import { Failure, messageOf } from '../errors.js';

/** Throws a Failure where nothing can listen on a port of a host, such as one that is in use. */
export async function checkPort(host: string, port: number): Promise<void> {
  const probe = createServer().listen({ host, port });
  try {
    await once(probe, 'listening');
  } catch (error) {
    throw cannotListen(host, port, error);
  }
  probe.close();
  await once(probe, 'close');
}

/** Why a server cannot listen, and what to do. */
export function cannotListen(host: string, port: number, error: unknown): Failure {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') {
    return new Failure(
      `Another program listens on port ${port} of ${host}. Stop that program, or set PORT to another port, or to 0 for any that is free.`,
      { cause: error },
    );
  }
  return new Failure(
    `The server cannot listen on port ${port} of ${host}: ${messageOf(error)}. Set HOST to an address of this machine, and PORT to a port that this user may use.`,
    { cause: error },
  );
}
