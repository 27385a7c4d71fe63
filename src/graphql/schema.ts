import 'reflect-metadata';
import { createPubSub } from '@graphql-yoga/subscription';
import { isScalarType, type GraphQLSchema } from 'graphql';
import { buildSchema } from 'type-graphql';
import { CallerResolver } from '../access/caller-resolver.js';
import { guardSchema } from '../access/guard-schema.js';
import { RefreshResolver } from '../aggregates/refresh/refresh-resolver.js';
import { StatusResolver } from '../aggregates/status/status-resolver.js';
import { DeleteResolver } from '../ingest/delete-resolver.js';
import { IngestResolver } from '../ingest/ingest-resolver.js';
import {
  PortfolioConnectionResolver,
  PortfolioResolver,
} from '../portfolios/portfolio-resolver.js';
import { SourceResolver } from '../portfolios/source-resolver.js';
import { UpsertPortfolioResolver } from '../portfolios/upsert-portfolio.js';
import { RankingResolver } from '../rolling/ranking-resolver.js';
import { ROLLING_RESOLVERS } from '../rolling/rolling-resolver.js';
import { SeriesResolver } from '../rolling/series-resolver.js';
import { callDirectly } from './direct-resolvers.js';
import { giveTurns } from './give-turns.js';

/** Of scalars that come from libraries without it. */
const SPECIFICATIONS = {
  DateTimeISO: 'https://www.rfc-editor.org/rfc/rfc3339',
  ISO8601Duration: 'https://en.wikipedia.org/wiki/ISO_8601#Durations',
};

/** The schema of the API, from the decorated classes, each root field behind the role it declares. */
export async function createSchema(): Promise<GraphQLSchema> {
  const schema = await buildSchema({
    resolvers: [
      PortfolioResolver,
      PortfolioConnectionResolver,
      ...ROLLING_RESOLVERS,
      SeriesResolver,
      RankingResolver,
      CallerResolver,
      StatusResolver,
      RefreshResolver,
      UpsertPortfolioResolver,
      SourceResolver,
      IngestResolver,
      DeleteResolver,
    ],
    validate: false,
    // The schema is the same at every start: test/graphql/schema.test.ts checks it.
    skipCheck: true,
    // Every subscription brings its own events; this only has to be there.
    pubSub: createPubSub(),
  });
  for (const [type, description] of [
    [schema.getQueryType(), 'What can be read.'],
    [schema.getMutationType(), 'What can be changed.'],
    [schema.getSubscriptionType(), 'What can be listened to.'],
  ] as const) {
    if (type) type.description = description;
  }
  for (const [name, url] of Object.entries(SPECIFICATIONS)) {
    const type = schema.getType(name);
    if (isScalarType(type)) type.specifiedByURL = url;
  }
  callDirectly(schema);
  guardSchema(schema);
  giveTurns(schema);
  return schema;
}
