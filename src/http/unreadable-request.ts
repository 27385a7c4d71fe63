import { maxHeaderSize, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

/** What Node.js could not read, by the code of its error; whatever else is no request of HTTP. */
const KINDS: Readonly<Record<string, { status: number; message: string }>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    message: `The head of a request, its address included, may have ${maxHeaderSize} bytes: send a long query by POST.`,
  },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, message: 'The request did not come whole in time.' },
};
const NO_REQUEST = { status: 400, message: 'That is no request of HTTP.' };

/**
 * Answers what cannot be read as a request, and closes the connection. The answer says so, or a
 * client would send its next request on it.
 */
export function answerUnreadable({ code }: { readonly code?: string }, socket: Socket): void {
  const { status, message } = (code !== undefined && KINDS[code]) || NO_REQUEST;
  const body = JSON.stringify({ errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] });
  if (socket.writable) {
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
