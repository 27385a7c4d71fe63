import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import {
  createConnection,
  createServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  errorResponse,
  MessageReader,
  query,
  readyForQuery,
  textsOf,
  type PostgresMessage,
} from './postgres-messages.js';

const SOCKET = '.s.PGSQL.5432';

/** What becomes of a statement. */
export type Fault =
  /** The connection ends before the server has it. */
  | 'cut'
  /** The server does it, and the connection ends before it can say so. */
  | 'cut after'
  /** The server says no more. */
  | 'swallow'
  /** The server does not do it and says why; `FATAL` ends the connection. */
  | { readonly sqlState: string; readonly severity?: 'ERROR' | 'FATAL' }
  /** It takes longer. */
  | { readonly delayMs: number };

/** Stands between pg and a server, and is the network and the server at their worst. */
export interface FaultProxy {
  /** By which pg reaches the server through a Unix socket, like the embedded engine. */
  readonly socketDir: string;
  /** By which pg reaches it like a server. */
  readonly url: string;
  /** The statements that came. */
  readonly statements: string[];
  /** How many connections are open. */
  connections(): number;
  /** What becomes of each statement from now on; undefined: what should. */
  onStatement(fault: (sql: string) => Fault | undefined): void;
  /** From now on, no client gets in: with the SQLSTATE as the reason, or none at all. */
  refuse(sqlState?: string): void;
  /** Ends all connections. */
  cut(): void;
  /** As a server that ends: `refuse` and `cut`. */
  stop(): void;
  /** From now on everything is as it should be. */
  heal(): void;
  close(): Promise<void>;
}

/** A proxy in front of the PostgreSQL socket of an engine. */
export async function createFaultProxy(engineDir: string): Promise<FaultProxy> {
  const socketDir = await mkdtemp(join(tmpdir(), 'faults-'));
  const links = new Set<Link>();
  const statements: string[] = [];
  let faultOf: (sql: string) => Fault | undefined = () => undefined;
  let refusal: { readonly sqlState?: string | undefined } | undefined;

  const accept = (client: Socket): void => {
    client.on('error', () => client.destroy());
    if (refusal) {
      const { sqlState } = refusal;
      client.once('data', () => {
        if (sqlState === undefined) client.end();
        else client.end(errorResponse(sqlState, 'FATAL'));
      });
      return;
    }
    const link = new Link(client, createConnection(join(engineDir, SOCKET)), (sql) => {
      statements.push(sql);
      return faultOf(sql);
    });
    links.add(link);
    client.once('close', () => links.delete(link));
  };
  const servers = [createServer(accept), createServer(accept)] as [Server, Server];
  servers[0].listen(join(socketDir, SOCKET));
  servers[1].listen(0, '127.0.0.1');
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const { port } = servers[1].address() as AddressInfo;
  const cut = (): void => {
    for (const link of links) link.cut();
  };
  const refuse = (sqlState?: string): void => {
    refusal = { sqlState };
  };
  return {
    socketDir,
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    statements,
    connections: () => links.size,
    onStatement(fault) {
      faultOf = fault;
    },
    refuse,
    cut,
    stop() {
      refuse();
      cut();
    },
    heal() {
      refusal = undefined;
      faultOf = () => undefined;
    },
    async close() {
      const closed = servers.map((server) => once(server, 'close'));
      for (const server of servers) server.close();
      cut();
      await Promise.all(closed);
      await rm(socketDir, { recursive: true });
    },
  };
}

/** One connection of a client and the one to the engine that stands for it. */
class Link {
  /** Of its session: idle, in a transaction, or in a failed one. */
  private status: 'I' | 'T' | 'E' = 'I';
  private readonly fromClient = new MessageReader(true);
  private readonly fromEngine = new MessageReader(false);
  /** The prepared statements, by name. */
  private readonly prepared = new Map<string, string>();
  private skipsToSync = false;
  private isDeaf = false;
  /** How often the engine has yet to say that it is ready. */
  private expected = 1;
  private cutsWhenReady = false;
  private sending: Promise<void> = Promise.resolve();

  constructor(
    private readonly client: Socket,
    private readonly engine: Socket,
    private readonly faultOf: (sql: string) => Fault | undefined,
  ) {
    client.on('data', (chunk: Buffer) => {
      const messages = this.fromClient.read(chunk);
      this.sending = this.sending.then(() => this.forward(messages));
    });
    engine.on('data', (chunk: Buffer) => this.backward(chunk));
    for (const socket of [client, engine]) {
      socket.on('error', () => socket.destroy());
      socket.once('close', () => this.cut());
    }
  }

  /** Ends it for the client at once, and as soon as the engine has taken back what it was in. */
  cut(): void {
    this.client.destroy();
    this.isDeaf = true;
    this.leave();
  }

  /** What a server does whose client is gone; the engine does not. */
  private leave(): void {
    if (this.expected > 0 || this.engine.destroyed) return;
    if (this.status === 'I') return void this.engine.destroy();
    this.status = 'I';
    this.expected = 1;
    this.engine.write(query('ROLLBACK'));
  }

  private async forward(messages: readonly PostgresMessage[]): Promise<void> {
    let out: Buffer[] = [];
    const flush = (): void => {
      if (out.length > 0 && !this.engine.destroyed) this.engine.write(Buffer.concat(out));
      out = [];
    };
    for (const message of messages) {
      if (this.isDeaf) return;
      if (this.skipsToSync) {
        if (message.type === 'S') this.refused();
        continue;
      }
      const sql = this.statementOf(message);
      const fault = sql === undefined ? undefined : this.faultOf(sql);
      if (typeof fault === 'object' && 'delayMs' in fault) {
        flush();
        // The test says how slow the server is.
        await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
      } else if (fault !== undefined) {
        this.inject(message, fault);
        if (fault !== 'cut after') continue;
      }
      if ('QS'.includes(message.type) && message.type !== '') this.expected += 1;
      out.push(message.bytes);
    }
    flush();
  }

  /** The text of the statement that a message runs or prepares to run. */
  private statementOf(message: PostgresMessage): string | undefined {
    const [first = '', second = ''] = 'QPB'.includes(message.type) ? textsOf(message) : [];
    switch (message.type) {
      case 'Q':
        return first;
      case 'P':
        this.prepared.set(first, second);
        return second;
      case 'B':
        // What was prepared just now was reported; what was prepared long ago has a name.
        return second === '' ? undefined : this.prepared.get(second);
      default:
        return undefined;
    }
  }

  private inject(message: PostgresMessage, fault: Exclude<Fault, { delayMs: number }>): void {
    if (fault === 'cut') this.cut();
    else if (fault === 'cut after') this.cutsWhenReady = true;
    else if (fault === 'swallow') this.isDeaf = true;
    else if (fault.severity === 'FATAL') {
      this.client.end(errorResponse(fault.sqlState, 'FATAL'));
      this.isDeaf = true;
      this.leave();
    } else {
      this.client.write(errorResponse(fault.sqlState, 'ERROR'));
      if (message.type === 'Q') this.refused();
      else this.skipsToSync = true;
    }
  }

  private refused(): void {
    this.skipsToSync = false;
    this.client.write(readyForQuery(this.status === 'I' ? 'I' : 'E'));
  }

  private backward(chunk: Buffer): void {
    for (const { type, bytes, body } of this.fromEngine.read(chunk)) {
      if (type === 'Z') {
        this.status = body.toString('latin1') as 'I' | 'T' | 'E';
        this.expected -= 1;
        if (this.cutsWhenReady) return this.cut();
        if (this.client.destroyed) this.leave();
      }
      if (!this.cutsWhenReady && this.client.writable) this.client.write(bytes);
    }
  }
}
