import { Agent, request } from 'node:http';
import type { HttpInput } from './http-input.js';
import type { HttpResponse } from './http-verdict.js';

class ReusedConnectionLost extends Error {
  override readonly name = 'ReusedConnectionLost';
}

/** Sends a request; rejects when there is no whole response in time. */
export function createHttpClient(
  url: string,
  { connections, timeoutMs }: { readonly connections: number; readonly timeoutMs: number },
): { send(input: HttpInput): Promise<HttpResponse>; close(): void } {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const sendOnce = ({ method, search, headers, body }: HttpInput): Promise<HttpResponse> =>
    new Promise((resolve, reject) => {
      const length = method === 'POST' ? { 'content-length': Buffer.byteLength(body) } : {};
      const sent = request(
        `${url}${search}`,
        { method, agent, headers: { ...headers, ...length }, timeout: timeoutMs },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              text: Buffer.concat(chunks).toString('utf8'),
              etag: response.headers.etag,
            }),
          );
          response.on('error', reject);
        },
      );
      sent.on('timeout', () => sent.destroy(new Error(`no response within ${timeoutMs} ms`)));
      sent.on('error', (error) =>
        reject(
          sent.reusedSocket ? new ReusedConnectionLost(error.message, { cause: error }) : error,
        ),
      );
      sent.end(method === 'POST' ? body : undefined);
    });
  return {
    // A server may close a connection that was idle; what was sent on it meanwhile it never had.
    async send(input) {
      for (let tries = 0; tries <= connections; tries++) {
        try {
          return await sendOnce(input);
        } catch (error) {
          if (!(error instanceof ReusedConnectionLost)) throw error;
        }
      }
      throw new Error('every connection is closed');
    },
    close: () => agent.destroy(),
  };
}
