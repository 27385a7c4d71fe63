import { Arg, Ctx, Field, InputType, Mutation, Resolver } from 'type-graphql';
import { Allow } from '../access/allow.js';
import { tenantFault } from '../access/tenant.js';
import { badUserInput } from '../errors.js';
import { UUID } from '../scalars.js';
import type { PortfolioContext } from './portfolio-resolver.js';
import { currencyFault, textFault } from './portfolio-rules.js';
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
      'ISO 4217 code; USD for a new portfolio unless given. It cannot change once rows are recorded.',
  })
  baseCurrency?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Identifier of the benchmark; null for none. It cannot change once rows are recorded.',
  })
  benchmarkId?: string | null;

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
    check(input);
    const portfolio = await portfolioStore.upsert(input);
    portfolios.byId.clear(input.id);
    return portfolio;
  }
}

function check({ name, baseCurrency, benchmarkId, tenant }: PortfolioInput): void {
  if (name === null || name === '')
    throw badUserInput(`name must not be empty, but got ${JSON.stringify(name)}`);
  refuse('name', name, textFault);
  refuse('benchmarkId', benchmarkId, textFault);
  if (baseCurrency !== undefined) refuse('baseCurrency', baseCurrency ?? '', currencyFault);
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
