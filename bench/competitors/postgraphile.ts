import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { startService } from '../load/service.js';
import { PEERS_DIRECTORY } from '../paths.js';
import { workloadOf, type WorkloadName } from '../workloads.js';
import type { Competitor } from './competitor.js';
import { postgraphileFunctions, type PeerSchema } from './postgraphile-functions.js';

/** PostGraphile needs this Node, which the npm package `node` brings. */
const PEER_NODE = join(PEERS_DIRECTORY, 'node_modules/node/bin/node');
/** As many connections as this server has by default. */
const POOL_SIZE = '10';

type Documents = Readonly<Partial<Record<WorkloadName, string>>>;

const CHART = `query ($id: UUID!, $from: Date!, $to: Date!) { result: chart(id: $id, first: $from, last: $to) }`;
const CHARTS: Documents = {
  chart1y: CHART,
  chart4y: CHART,
  dashboard: CHART.replace('chart(', 'dashboard('),
};
const TILE = 'query ($id: UUID!) { result: tile(id: $id) }';

/** PostGraphile over the fastest functions in SQL. */
export const postgraphile = createPostgraphile('PostGraphile', 'bench_summed', {
  ...CHARTS,
  tile: TILE,
  recording: TILE,
  recordingSame: TILE,
  blotter: 'query ($ids: [UUID]!) { result: blotter(ids: $ids) }',
  ranking: '{ result: ranking }',
});

/** The same for charts, with functions that are right for any returns. */
export const framedPostgraphile = createPostgraphile(
  'PostGraphile, frames',
  'bench_framed',
  CHARTS,
);

function createPostgraphile(title: string, schema: PeerSchema, documents: Documents): Competitor {
  return {
    title,
    async start(environment) {
      await installPeers();
      await createFunctions(schema, environment['DATABASE_URL']!);
      return startService({
        command: [PEER_NODE, 'postgraphile.mjs', schema],
        directory: PEERS_DIRECTORY,
        environment: {
          NODE_ENV: 'production',
          GRAPHILE_ENV: 'production',
          DATABASE_POOL_SIZE: POOL_SIZE,
          ...environment,
        },
      });
    },
    request(workload, ids) {
      const query = documents[workload];
      if (query === undefined) return null;
      const { range } = workloadOf(workload);
      const variables = ids.length === 1 ? { id: ids[0], ...range } : { ids };
      return {
        method: 'POST',
        path: '/graphql',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
      };
    },
    read(workload, response) {
      const { data, errors } = response as { data?: { result?: unknown }; errors?: unknown };
      if (errors !== undefined || !data?.result) {
        throw new Error(`${title}, ${workload}: ${JSON.stringify(errors)}`);
      }
      return data.result;
    },
  };
}

async function installPeers(): Promise<void> {
  const isInstalled = await access(PEER_NODE).then(
    () => true,
    () => false,
  );
  if (!isInstalled) await promisify(execFile)('npm', ['ci'], { cwd: PEERS_DIRECTORY });
}

async function createFunctions(schema: PeerSchema, url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of postgraphileFunctions(schema)) await client.query(statement);
  } finally {
    await client.end();
  }
}
