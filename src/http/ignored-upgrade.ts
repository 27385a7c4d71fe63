import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** Headers that only concern the upgrade. */
const UPGRADE_HEADERS = new Set(['upgrade', 'http2-settings']);

/**
 * Handles a request that offers an upgrade other than WebSocket as if it offered none, which
 * HTTP allows. Java's HTTP client offers HTTP/2 with every request, and Node's server gives up
 * all requests with an upgrade once it has a listener for one, so the connection starts again.
 */
export function ignoreUpgrade(
  server: Server,
  { method, url, httpVersion, rawHeaders }: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    const value = rawHeaders[index + 1]!;
    const isUpgrade = UPGRADE_HEADERS.has(name.toLowerCase());
    if (!isUpgrade) lines.push(`${name}: ${isConnection(name) ? withoutUpgrade(value) : value}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}

function isConnection(name: string): boolean {
  return name.toLowerCase() === 'connection';
}

function withoutUpgrade(value: string): string {
  const options = value.split(',').map((option) => option.trim());
  return options.filter((option) => !UPGRADE_HEADERS.has(option.toLowerCase())).join(', ');
}
