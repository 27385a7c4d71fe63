import autocannon from 'autocannon';
import { headersOf, send, type HttpRequest } from './http-request.js';

/** The load that a server gets. */
export interface LoadOptions {
  /** Kept open; each sends its next request when it has the response to the last. */
  readonly connections: number;
  readonly seconds: number;
  /** Of every response. */
  readonly status: number;
  /** The requests of one connection, sent in turn. */
  readonly requestsOf: (connection: number) => readonly HttpRequest[];
  /** What is sent in place of a request's body, each time; itself where absent. */
  readonly reword?: Reword | undefined;
}

/** Gives the same request with another text each time. */
export type Reword = (body: string) => string;

/** What one round of load has given. */
export interface Round {
  readonly requests: number;
  /** From the start to the last response. */
  readonly seconds: number;
  /** Milliseconds that each response took. */
  readonly latencies: readonly number[];
  /** Of all responses, heads included. */
  readonly bytes: number;
}

/** A round in which requests failed or had other responses than they should have. */
export class WrongResponses extends Error {}

/** The share of responses that may have another status: a refresh gives a 200 where a 304 was due. */
const OTHER_STATUS = 0.01;

/** Sends every request once, however many connections have it. Throws where one fails. */
export async function sendAll(
  origin: string,
  { connections, requestsOf }: Pick<LoadOptions, 'connections' | 'requestsOf'>,
): Promise<void> {
  const different = new Map<string, HttpRequest>();
  for (let connection = 0; connection < connections; connection++) {
    for (const request of requestsOf(connection)) different.set(JSON.stringify(request), request);
  }
  const left = [...different.values()];
  const sendRest = async (): Promise<void> => {
    for (let request = left.pop(); request; request = left.pop()) {
      await (await send(origin, request)).arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: connections }, sendRest));
}

/** Seconds that a response may take: a ranking without a cache takes long on the embedded engine. */
const RESPONSE_SECONDS = 60;
/** By how much a round without any response is too short. */
const LONGER = 4;

/** Sends a server requests for some time, or for longer where none gets a response. Throws where requests fail. */
export async function load(origin: string, options: LoadOptions): Promise<Round> {
  const round = await loadOnce(origin, options);
  return round.requests > 0
    ? round
    : load(origin, { ...options, seconds: options.seconds * LONGER });
}

async function loadOnce(origin: string, options: LoadOptions): Promise<Round> {
  const { connections, seconds, status, requestsOf, reword } = options;
  let connection = 0;
  const latencies: number[] = [];
  const statuses = new Map<number, number>();
  let bytes = 0;
  let last = 0;
  const started = performance.now();
  const { errors } = await new Promise<autocannon.Result>((resolve, reject) => {
    const run = autocannon(
      {
        url: origin,
        connections,
        duration: seconds,
        timeout: RESPONSE_SECONDS,
        sampleInt: 50,
        setupClient: (client) => {
          client.setRequests(
            requestsOf(connection++).map((request) => ({
              ...request,
              headers: headersOf(request),
              ...(reword && {
                setupRequest: (sent: object) =>
                  request.body ? { ...sent, body: reword(request.body) } : sent,
              }),
            })),
          );
        },
      },
      (error: Error | null, result) => (error ? reject(error) : resolve(result)),
    );
    run.on('response', (_client, code, size, milliseconds) => {
      latencies.push(milliseconds);
      statuses.set(code, (statuses.get(code) ?? 0) + 1);
      bytes += size;
      last = performance.now();
    });
  });
  const expected = statuses.get(status) ?? 0;
  if (errors > 0 || expected < latencies.length * (1 - OTHER_STATUS)) {
    const seen = [...statuses].map(([code, count]) => `${count} × ${code}`).join(', ');
    throw new WrongResponses(
      `${origin}: ${errors} errors, and ${seen || 'no response'} instead of ${status}`,
    );
  }
  return { requests: latencies.length, seconds: (last - started) / 1000, latencies, bytes };
}
