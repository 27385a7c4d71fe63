// Serves the functions of one schema with PostGraphile: node postgraphile.mjs <schema>, with
// DATABASE_URL and DATABASE_POOL_SIZE. Prints its address. Without anything that costs time and
// is not used: no Ruru, no watching, no sockets, no settings for each request.
import { createServer } from 'node:http';
import { postgraphile } from 'postgraphile';
import { makePgService } from 'postgraphile/adaptors/pg';
import { grafserv } from 'postgraphile/grafserv/node';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';

const pgl = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [
    makePgService({
      connectionString: process.env.DATABASE_URL,
      schemas: [process.argv[2]],
      poolConfig: { max: Number(process.env.DATABASE_POOL_SIZE) },
      pubsub: false,
    }),
  ],
  grafserv: { watch: false, graphiql: false, graphiqlOnGraphQLGET: false, websockets: false },
  grafast: { explain: false },
});
const server = createServer();
await pgl.createServ(grafserv).addTo(server);
server.listen(0, '127.0.0.1', () =>
  process.stdout.write(
    `PostGraphile is served at http://127.0.0.1:${server.address().port}/graphql\n`,
  ),
);
process.once('SIGTERM', () => process.exit(0));
