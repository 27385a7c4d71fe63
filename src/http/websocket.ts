import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyBaseLogger } from 'fastify';
import { CloseCode, handleProtocols, makeServer, type ServerOptions } from 'graphql-ws';
import type { Gauge } from 'prom-client';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Access } from '../access/access.js';
import { ANYBODY } from '../access/caller.js';
import type { HostCheck } from '../access/host-check.js';
import { messageOf } from '../errors.js';
import type { ConnectionExtra } from '../graphql/connection-access.js';
import type { ConnectionLimit } from '../limits/connection-limit.js';
import { isAllowedOrigin } from './allowed-origin.js';
import type { ClientAddress } from './client-address.js';
import { ignoreUpgrade } from './ignored-upgrade.js';

/** A connection with one subscription took 90 kB when measured: so many bound them to 100 MB or so. */
const MAX_CONNECTIONS = 1000;
/** Proxies cut connections that are silent for a minute. A peer that misses one ping is gone. */
const PING_EVERY_MS = 12_000;
/** What RFC 6455 gives an end point that goes away. */
const GOING_AWAY = 1001;

export interface WebSocketOptions {
  readonly subscriptions: ServerOptions;
  /** The one path where connections are taken. */
  readonly path: string;
  /** The longest message a client may send. */
  readonly maxBytes: number;
  /** Whose pages may connect, besides those of this host. */
  readonly origins: readonly string[];
  readonly isClosing: () => boolean;
  readonly access: Pick<Access, 'authenticate'>;
  readonly checkHost: HostCheck;
  readonly addressOf: ClientAddress;
  readonly perCaller: ConnectionLimit;
  readonly log: FastifyBaseLogger;
  /** How many connections are open. */
  readonly connections: Pick<Gauge, 'set'>;
  readonly maxConnections?: number | undefined;
  readonly pingEveryMs?: number | undefined;
}

/** The WebSocket connections of an HTTP server. */
export interface WebSockets {
  /** Notifies every client that the server goes away (1001); each closes its side. */
  close(): void;
  /** Cuts the connections of clients that did not. */
  terminate(): void;
}

/** Takes WebSocket connections on an HTTP server and speaks graphql-transport-ws on them. */
export function acceptWebSockets(
  server: Server,
  {
    subscriptions,
    path,
    maxBytes,
    origins,
    isClosing,
    access,
    checkHost,
    addressOf,
    perCaller,
    log,
    connections,
    maxConnections = MAX_CONNECTIONS,
    pingEveryMs = PING_EVERY_MS,
  }: WebSocketOptions,
): WebSockets {
  const protocol = makeServer(subscriptions);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxBytes, handleProtocols });

  const refusal = ({ url, headers }: IncomingMessage): readonly [string, string] | null => {
    if (url?.split('?')[0] !== path) {
      return ['404 Not Found', `WebSocket connections are taken at ${path}.`];
    }
    if (!isAllowedOrigin(headers.origin, { host: headers.host, origins })) {
      return ['403 Forbidden', `Pages of ${headers.origin} may not connect.`];
    }
    if (isClosing()) return ['503 Service Unavailable', 'The server is shutting down.'];
    if (sockets.clients.size >= maxConnections) {
      return [
        '503 Service Unavailable',
        `The server has its ${maxConnections} connections; try later.`,
      ];
    }
    return null;
  };

  /** Why a client that may need no credential is refused; one that needs one has to send it later. */
  const hostFault = async (host: string | undefined): Promise<string | null> => {
    try {
      checkHost(ANYBODY, host);
      return null;
    } catch (fault) {
      const caller = await access.authenticate(undefined).catch(() => null);
      return caller && messageOf(fault);
    }
  };

  const upgrade = async (request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void> => {
    const fault = await hostFault(request.headers.host);
    const refused = fault === null ? refusal(request) : (['403 Forbidden', fault] as const);
    if (refused) return refuse(stream, ...refused);
    const address = addressOf(request);
    const place = perCaller.open(address);
    if (!place) {
      return refuse(
        stream,
        '429 Too Many Requests',
        `${address} has its ${perCaller.maxPerCaller} connections; close one first.`,
      );
    }
    // Also where the handshake fails, and no socket is ever opened.
    stream.once('close', () => place.release());
    sockets.handleUpgrade(request, stream, head, (socket) => {
      connections.set(sockets.clients.size);
      socket.once('close', () => connections.set(sockets.clients.size));
      keepAlive(socket, pingEveryMs);
      speak(protocol, socket, { address, place }, log);
    });
  };

  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
      return ignoreUpgrade(server, request, stream, head);
    }
    // A client may go away before the response.
    stream.on('error', () => stream.destroy());
    void upgrade(request, stream, head);
  });

  return {
    close() {
      for (const socket of sockets.clients)
        socket.close(GOING_AWAY, 'The server is shutting down.');
    },
    terminate() {
      for (const socket of sockets.clients) socket.terminate();
    },
  };
}

/** Rejects an upgrade with a status and a message. */
function refuse(stream: Duplex, status: string, sentence: string): void {
  stream.once('finish', () => stream.destroy());
  stream.end(
    [
      `HTTP/1.1 ${status}`,
      'Connection: close',
      'Content-Type: text/plain; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(sentence)}`,
      '',
      sentence,
    ].join('\r\n'),
  );
}

/** Pings the client, and cuts the connection of one that did not reply to the ping before. */
function keepAlive(socket: WebSocket, everyMs: number): void {
  let isAlive = true;
  const timer = setInterval(() => {
    if (!isAlive) return socket.terminate();
    isAlive = false;
    socket.ping();
  }, everyMs);
  socket.on('pong', () => (isAlive = true));
  socket.once('close', () => clearInterval(timer));
}

/** Connects a socket with the protocol. */
function speak(
  protocol: ReturnType<typeof makeServer>,
  socket: WebSocket,
  client: Pick<ConnectionExtra, 'address' | 'place'>,
  log: FastifyBaseLogger,
): void {
  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      // Waits until it is written, so events for a slow client wait at their source.
      send: (data) =>
        new Promise((resolve, reject) => {
          if (socket.readyState !== socket.OPEN) return resolve();
          socket.send(data, (error) => (error ? reject(error) : resolve()));
        }),
      close: (code, reason) => socket.close(code, reason),
      onMessage(handle) {
        socket.on('message', (data: Buffer) => {
          handle(data.toString()).catch((error: unknown) => fail(error));
        });
      },
    },
    { ...client, close: (code, reason) => socket.close(code, reason) } satisfies ConnectionExtra,
  );
  const fail = (error: unknown): void => {
    log.error({ err: error }, 'a WebSocket connection failed unexpectedly');
    socket.close(CloseCode.InternalServerError, 'Internal server error');
  };
  // A frame that is too long or wrong: ws closes the connection with the code that says so.
  socket.on('error', (error) => log.debug({ err: error }, 'a WebSocket client broke the rules'));
  socket.once('close', (code, reason) => {
    closed(code, reason.toString()).catch((error: unknown) => fail(error));
  });
}
