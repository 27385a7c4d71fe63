import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createDatabaseSource } from './database-source.js';
import { createMemorySource } from './memory-source.js';
import { openStatements } from './open-statements.js';
import { chart, dashboard, ranking, tiles, type NamedPortfolio } from './responses.js';
import type { SeriesSource } from './series-source.js';

/** Everything is as it was when the server started: one tag for all. */
const ETAG = '"1"';

const isInMemory = process.env['BARE_CACHE'] !== 'off';
const statements = await openStatements(process.env);
const portfolios = (await statements.run(
  'portfolios',
  'SELECT id, name FROM portfolios ORDER BY id',
  [],
)) as unknown as NamedPortfolio[];
const database = createDatabaseSource(statements.run);
const source = isInMemory
  ? await createMemorySource(
      database,
      portfolios.map(({ id }) => id),
    )
  : database;
// The embedded engine is left to others then.
if (isInMemory) await statements.close();

const server = createServer((request, response) => void respond(request, response));
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`The bare server is at http://127.0.0.1:${port}\n`);
});
process.once('SIGTERM', () => process.exit(0));

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.headers['if-none-match'] === ETAG) {
    response.writeHead(304, { etag: ETAG }).end();
    return;
  }
  try {
    const body = JSON.stringify(await compute(request, source));
    const headers = { 'content-type': 'application/json', etag: ETAG };
    response.writeHead(200, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
}

async function compute({ url }: IncomingMessage, from: SeriesSource): Promise<unknown> {
  const { pathname, searchParams } = new URL(url!, 'http://localhost');
  const ids = searchParams.get('ids')?.split(',') ?? [];
  const range = { from: searchParams.get('from') ?? '', to: searchParams.get('to') ?? '' };
  switch (pathname) {
    case '/tile':
      return (await tiles(from, ids))[0];
    case '/blotter':
      return tiles(from, ids);
    case '/chart':
      return chart(from, ids[0]!, range);
    case '/dashboard':
      return dashboard(from, ids[0]!, range);
    case '/ranking':
      return ranking(from, portfolios);
    default:
      throw new Error(`there is no ${pathname}`);
  }
}
