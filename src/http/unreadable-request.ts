import { maxHeaderSize, STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** What Node.js could not read, by the code of its error; any other code: no request of HTTP. */
const KINDS: Readonly<Record<string, { status: number; message: string }>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    message: `The head of a request, its address included, may have ${maxHeaderSize} bytes: send a long query by POST.`,
  },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, message: 'The request was not complete in time.' },
};
const NO_REQUEST = { status: 400, message: 'That is no request of HTTP.' };

/** As Node.js documents it: the response that is under way on a connection. */
interface HttpSocket extends Socket {
  readonly _httpMessage?: ServerResponse | null;
}

/**
 * Responds to what cannot be read as a request, and closes the connection. The response says so,
 * or a client would send its next request on it. A response that is under way is cut off.
 */
export function respondToUnreadable(
  { code }: { readonly code?: string },
  socket: HttpSocket,
): void {
  const { status, message } = (code !== undefined && KINDS[code]) || NO_REQUEST;
  const body = JSON.stringify({ errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] });
  // oxlint-disable-next-line no-underscore-dangle -- Node.js documents it by this name
  if (socket.writable && !socket._httpMessage?.headersSent) {
    socket.write(
      [
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
        'Connection: close',
        'Content-Type: application/json; charset=utf-8',
        `Content-Length: ${Buffer.byteLength(body)}`,
        '',
        body,
      ].join('\r\n'),
    );
  }
  socket.destroySoon();
}
