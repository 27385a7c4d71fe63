import { Arg, Ctx, Field, InputType, Int, Mutation, Resolver } from 'type-graphql';
import { Allow } from '../access/allow.js';
import { tenantFault } from '../access/tenant.js';
import { badUserInput } from '../errors.js';
import { DEFAULT_PERIODS_PER_YEAR } from '../metrics/metrics.js';
import { UUID } from '../scalars.js';
import type { PortfolioContext } from './portfolio-resolver.js';
import {
  codeFault,
  currencyFault,
  MAX_PERIODS_PER_YEAR,
  periodsFault,
  textFault,
} from './portfolio-rules.js';
import { Portfolio } from './portfolio.js';

/** The longest text that a message repeats. */
const MAX_SHOWN = 40;

@InputType({ description: 'A portfolio to make or change: what is absent stays as it is.' })
export class PortfolioInput {
  @Field(() => UUID, { description: 'Identifier; a new one makes a portfolio.' })
  id!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Name for people; a new portfolio needs one.',
  })
  name?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "The owner's key for it, such as a fund code: no UUID, without a comma, not that of another portfolio of the tenant (BAD_USER_INPUT). Null takes it away.",
  })
  code?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'ISO 4217 code; USD for a new portfolio unless given. It cannot change once rows are recorded.',
  })
  baseCurrency?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Identifier of the benchmark; null for none. It cannot change once rows are recorded.',
  })
  benchmarkId?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: `How many rows make a year, 1 to ${MAX_PERIODS_PER_YEAR}, with which metrics are annualised; ${DEFAULT_PERIODS_PER_YEAR} for a new portfolio unless given. A change counts at once, for all days.`,
  })
  periodsPerYear?: number | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Tenant of a new portfolio: that of the caller, or "default" for a caller with all tenants, unless given. It never changes.',
  })
  tenant?: string;
}

@Resolver()
export class UpsertPortfolioResolver {
  @Allow('writer', ({ input: { id, ...fields } }: { input: PortfolioInput }) => ({
    portfolio: id,
    fields: Object.keys(fields),
  }))
  @Mutation(() => Portfolio, { description: 'Makes a portfolio, or changes what is given of one.' })
  async upsertPortfolio(
    @Arg('input', () => PortfolioInput, { description: 'The portfolio.' }) input: PortfolioInput,
    @Ctx() { portfolioStore, portfolios }: PortfolioContext,
  ): Promise<Portfolio> {
    if (input.benchmarkId === '') input.benchmarkId = null;
    if (input.code === '') input.code = null;
    check(input);
    const portfolio = await portfolioStore.upsert(input);
    portfolios.byId.clear(input.id);
    return portfolio;
  }
}

function check({
  name,
  code,
  baseCurrency,
  benchmarkId,
  periodsPerYear,
  tenant,
}: PortfolioInput): void {
  if (name === null || name === '')
    throw badUserInput(`name must not be empty, but got ${JSON.stringify(name)}`);
  refuse('name', name, textFault);
  refuse('code', code, codeFault);
  refuse('benchmarkId', benchmarkId, textFault);
  if (baseCurrency !== undefined) refuse('baseCurrency', baseCurrency ?? '', currencyFault);
  const periods = periodsPerYear === undefined ? null : periodsFault(periodsPerYear ?? NaN);
  if (periods) throw badUserInput(`periodsPerYear ${periodsPerYear} ${periods}`);
  if (tenant !== undefined) refuse('tenant', tenant ?? '', tenantFault);
}

function refuse(
  field: string,
  text: string | null | undefined,
  faultOf: (text: string) => string | null,
): void {
  const fault = text === undefined || text === null ? null : faultOf(text);
  if (fault) throw badUserInput(`${field} ${shown(text!)} ${fault}`);
}

/** The beginning of a long text says which it is. */
function shown(text: string): string {
  return JSON.stringify(text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);
}
