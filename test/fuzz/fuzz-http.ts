import { readFile } from 'node:fs/promises';
import { messageOf } from '../../src/errors.js';
import { createSchema } from '../../src/graphql/schema.js';
import { DEFAULT_LIMITS } from '../../src/limits/limits-config.js';
import { Processes } from '../helpers/processes.js';
import { Dice } from './dice.js';
import type { FoundFault } from './found-fault.js';
import { createHttpClient } from './http-client.js';
import { httpInput, isTooLong, type HttpInput } from './http-input.js';
import { faultOf } from './http-verdict.js';
import { watchLiveness } from './liveness.js';
import { OperationWriter } from './operation.js';

const PROGRAMS = new URL('../../src/', import.meta.url);
/** Requests under way at a time. */
const AT_ONCE = 8;
const REPRESENTATIONS = ['application/json', 'application/graphql-response+json'];
/** How long a response may take. */
const TIMEOUT_MS = 30_000;
/** The longest response: what RESPONSE_MAX_BYTES is by default. */
const MAX_RESPONSE_BYTES = DEFAULT_LIMITS.maxResponseBytes;
/** How long /health/live may take, with all cores busy here. */
const MAX_LIVE_MS = 2000;
/** How much memory the server may come to hold, the embedded engine included. */
const MAX_MEMORY_MB = 1800;

/** Sends a server of its own the requests with these numbers. */
export async function fuzzHttp(seed: number, numbers: readonly number[]): Promise<FoundFault[]> {
  if (numbers.length === 0) return [];
  const processes = new Processes(PROGRAMS);
  const server = await processes.server(await processes.directory(), {
    LOG_LEVEL: 'error',
    RATE_LIMIT: '0',
  });
  const client = createHttpClient(server.url, { connections: AT_ONCE, timeoutMs: TIMEOUT_MS });
  const writer = new OperationWriter(await createSchema());
  const found: FoundFault[] = [];
  const codes = new Map<string, number>();
  const queue = numbers.values();
  const liveness = watchLiveness(server.url);
  const work = async (): Promise<void> => {
    for (const number of queue) {
      const input = httpInput(writer, number, new Dice(seed, number));
      let response = '';
      const fault = await client
        .send(input)
        .then(async (got) => {
          response = got.text;
          for (const code of codesIn(response)) codes.set(code, (codes.get(code) ?? 0) + 1);
          if (Buffer.byteLength(response) > MAX_RESPONSE_BYTES) return 'too long';
          return faultOf(got) ?? (await faultOfTag(client, input, got.etag));
        })
        .catch((error: unknown) => (isTooLong(input) ? null : messageOf(error)));
      if (fault !== null) {
        const shown = `${input.method} ${input.search}\n  ${input.body.toString().slice(0, 2000)}\n  ${response.slice(0, 1000)}`;
        found.push({ number, fault, input: shown });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  client.close();
  const longestMs = await liveness.stop();
  process.stdout.write(`fuzz: /health/live took at most ${longestMs} ms\n`);
  if (longestMs > MAX_LIVE_MS) {
    found.push({ number: -1, fault: `/health/live took ${longestMs} ms`, input: '' });
  }
  const memoryMb = await peakMemoryMb(server.pid);
  const counts = [...codes].map(([code, count]) => `${code} ${count}`).toSorted();
  process.stdout.write(`fuzz: responses with ${counts.join(', ')}\n`);
  process.stdout.write(`fuzz: the server came to hold ${memoryMb} MB\n`);
  if (memoryMb > MAX_MEMORY_MB) {
    found.push({ number: -1, fault: `${memoryMb} MB of memory`, input: '' });
  }
  const exit = await server.stop();
  if (exit.code !== 0) found.push({ number: -1, fault: 'it ended badly', input: server.stderr() });
  if (found.length > 0)
    process.stdout.write(
      `${server
        .stderr()
        .split('\n')
        .filter((line) => !line.includes('"audit":true'))
        .join('\n')
        .slice(0, 20_000)}\n`,
    );
  await processes.close();
  return found;
}

/** An entity tag belongs to one representation: with it another one is never "not modified". */
async function faultOfTag(
  client: ReturnType<typeof createHttpClient>,
  input: HttpInput,
  etag: string | undefined,
): Promise<string | null> {
  if (input.method !== 'GET' || etag === undefined) return null;
  const conditional = async (accept: string): Promise<number> => {
    const headers = { ...input.headers, accept, 'if-none-match': etag };
    return (await client.send({ ...input, headers })).status;
  };
  const statuses = await Promise.all(REPRESENTATIONS.map(conditional));
  const unmodified = statuses.filter((status) => status === 304).length;
  return unmodified > 1 ? 'one tag for several representations' : null;
}

/** The codes of a response's errors, each once; `data` where it has none. */
function codesIn(response: string): ReadonlySet<string> {
  const codes = Array.from(response.matchAll(/"code":"(\w+)"/g), ([, code]) => code!);
  return new Set(codes.length > 0 ? codes : ['data']);
}

/** The most memory a process has held; 0 where the system does not say. */
async function peakMemoryMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/VmHWM:\s*(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}
