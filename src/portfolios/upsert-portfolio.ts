import { Arg, Ctx, Field, InputType, Mutation, Resolver } from 'type-graphql';
import { Allow } from '../access/allow.js';
import { tenantFault } from '../access/tenant.js';
import { badUserInput } from '../errors.js';
import { UUID } from '../scalars.js';
import { Portfolio } from './portfolio.js';
import type { PortfolioContext } from './portfolio-resolver.js';

const MAX_TEXT = 200;

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
    description: 'ISO 4217 code; USD for a new portfolio unless given.',
  })
  baseCurrency?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Identifier of the benchmark; null for none.',
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
    check(input);
    if (input.benchmarkId === '') input.benchmarkId = null;
    const portfolio = await portfolioStore.upsert(input);
    portfolios.byId.clear(input.id);
    return portfolio;
  }
}

function check({ name, baseCurrency, benchmarkId, tenant }: PortfolioInput): void {
  if (name === null || name === '')
    throw badUserInput(`name must not be empty, but got ${JSON.stringify(name)}`);
  if (baseCurrency !== undefined && !/^[A-Z]{3}$/.test(baseCurrency ?? '')) {
    throw badUserInput(
      `baseCurrency must be an ISO 4217 code such as USD, but got ${JSON.stringify(baseCurrency)}`,
    );
  }
  if (tenant !== undefined) {
    const fault = tenantFault(tenant ?? '');
    if (fault) {
      throw badUserInput(
        `tenant must be the name of a tenant, but ${JSON.stringify(tenant)} ${fault}`,
      );
    }
  }
  for (const [field, text] of Object.entries({ name, benchmarkId })) {
    if (text && /\p{Surrogate}/u.test(text)) {
      throw badUserInput(`${field} must be Unicode text, but got ${JSON.stringify(text)}`);
    }
    if (text && (text.length > MAX_TEXT || text.includes('\0'))) {
      throw badUserInput(
        `${field} must have at most ${MAX_TEXT} characters and no NUL, but got ${text.length}`,
      );
    }
  }
}
