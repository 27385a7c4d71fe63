import { Field, Int, ObjectType } from 'type-graphql';
import { DEFAULT_PERIODS_PER_YEAR } from '../metrics/metrics.js';
import { UUID } from '../scalars.js';

/** A row of portfolios, read with PORTFOLIO_COLUMNS. */
@ObjectType({
  description:
    'A portfolio and its rolling metrics. Returns and ratios are decimal fractions: 0.01 is one percent.',
  simpleResolvers: true,
})
export class Portfolio {
  @Field(() => UUID, { description: 'Identifier, given by the client that created the portfolio.' })
  id!: string;

  @Field(() => String, { description: 'Name for people; not unique.' })
  name!: string;

  @Field(() => String, {
    nullable: true,
    description:
      "The owner's key for it, such as a fund code or an account number: unique within its tenant; null where none was given.",
  })
  code!: string | null;

  @Field(() => String, { description: 'ISO 4217 code of the currency its values are in.' })
  baseCurrency!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'Identifier of the benchmark whose returns are recorded with its rows; null for none.',
  })
  benchmarkId!: string | null;

  @Field(() => Int, {
    description: `How many of its rows make a year, with which metrics are annualised: ${DEFAULT_PERIODS_PER_YEAR} for business days unless set, 365 for rows of every day, 52 for weekly and 12 for monthly ones.`,
  })
  periodsPerYear!: number;

  @Field(() => String, { description: 'Whose it is; callers of other tenants do not see it.' })
  tenant!: string;
}
