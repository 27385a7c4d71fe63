import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import { buildSchema } from 'type-graphql';
import { StatusResolver } from '../aggregates/status-resolver.js';
import {
  PortfolioConnectionResolver,
  PortfolioResolver,
} from '../portfolios/portfolio-resolver.js';
import { RankingResolver } from '../rolling/ranking-resolver.js';
import { RollingResolver } from '../rolling/rolling-resolver.js';
import { SeriesResolver } from '../rolling/series-resolver.js';

/** The schema of the API, from the decorated classes. */
export async function createSchema(): Promise<GraphQLSchema> {
  const schema = await buildSchema({
    resolvers: [
      PortfolioResolver,
      PortfolioConnectionResolver,
      RollingResolver,
      SeriesResolver,
      RankingResolver,
      StatusResolver,
    ],
    validate: false,
  });
  const query = schema.getQueryType();
  if (query) query.description = 'Everything that can be read.';
  return schema;
}
