import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';

/** A port by which an engine is reached like a server. */
export interface TcpPort {
  /** What DATABASE_URL would be. */
  readonly url: string;
  close(): Promise<void>;
}

/** Opens a TCP port that leads to the PostgreSQL socket of an engine. */
export async function openTcpPort(socketDir: string): Promise<TcpPort> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const engine = createConnection(join(socketDir, '.s.PGSQL.5432'));
    const link = (from: Socket, to: Socket): void => {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    };
    link(client, engine);
    link(engine, client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
