import {
  Arg,
  Ctx,
  Field,
  FieldResolver,
  Int,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import { Allow } from '../access/allow.js';
import { Cacheable } from '../aggregates/revisions/cacheable.js';
import { badUserInput } from '../errors.js';
import { checkFirst, decodeCursor, PageInfo, pageOf, type Edge } from '../pagination.js';
import { LocalDate, parseUuid, UUID } from '../scalars.js';
import type { PortfolioLoaders } from './portfolio-loaders.js';
import type { PortfolioFilter, PortfolioStore } from './portfolio-store.js';
import { Portfolio } from './portfolio.js';

/** What the resolvers of portfolios take from a request's context. */
export interface PortfolioContext {
  readonly portfolioStore: PortfolioStore;
  readonly portfolios: PortfolioLoaders;
}

const MAX_IDS = 200;
/** A portfolio's place in the list: its name and id. */
const CURSOR = [() => true, (id: string) => parseUuid(id) !== null];

@ObjectType({ description: 'A portfolio in a list.', simpleResolvers: true })
class PortfolioEdge {
  @Field(() => String, {
    description: 'Continues the list after this portfolio, given as `after`.',
  })
  cursor!: string;

  @Field(() => Portfolio, { description: 'The portfolio.' })
  node!: Portfolio;
}

@ObjectType({ description: 'A page of portfolios, ordered by name, then id.' })
export class PortfolioConnection {
  @Field(() => [PortfolioEdge], { simple: true, description: 'The portfolios of the page.' })
  edges!: Edge<Portfolio>[];

  @Field(() => PageInfo, { simple: true, description: 'Where the page stands in the list.' })
  pageInfo!: PageInfo;

  readonly filter!: PortfolioFilter;
}

@Resolver(() => Portfolio)
export class PortfolioResolver {
  @Allow('reader')
  @Cacheable()
  @Query(() => Portfolio, {
    nullable: true,
    description:
      'One portfolio, by id or by code, exactly one of them (BAD_USER_INPUT otherwise); null when there is none.',
  })
  portfolio(
    @Arg('id', () => UUID, { nullable: true, description: 'Identifier of the portfolio.' })
    id: string | null,
    @Arg('code', () => String, {
      nullable: true,
      description:
        'Code of the portfolio, exactly as it was given. BAD_USER_INPUT where a caller with all tenants sees several with it.',
    })
    code: string | null,
    @Ctx() { portfolioStore, portfolios }: PortfolioContext,
  ): Promise<Portfolio | null> {
    const [isId, isCode] = [typeof id === 'string', typeof code === 'string'];
    if (isId === isCode) {
      throw badUserInput(
        `portfolio takes id or code, exactly one of them, but got ${isId ? 'both' : 'neither'}`,
      );
    }
    return isId ? portfolios.byId.load(id!) : portfolioStore.findByCode(code!);
  }

  @Allow('reader')
  @Cacheable()
  @Query(() => PortfolioConnection, { description: 'Portfolios ordered by name, then id.' })
  async portfolios(
    @Arg('ids', () => [UUID], {
      nullable: true,
      description: `Only these, at most ${MAX_IDS}; unknown ids are left out.`,
    })
    ids: string[] | null,
    @Arg('codes', () => [String], {
      nullable: true,
      description: `Only those with one of these codes, at most ${MAX_IDS}; unknown codes are left out.`,
    })
    codes: string[] | null,
    @Arg('search', () => String, {
      nullable: true,
      description: 'Only those whose name contains this, in upper or lower case.',
    })
    search: string | null,
    @Arg('first', () => Int, { defaultValue: 50, description: 'Page size, 1 to 200.' })
    first: number,
    @Arg('after', () => String, {
      nullable: true,
      description: 'Cursor of an edge or endCursor of a page: the list continues after it.',
    })
    after: string | null,
    @Ctx() { portfolioStore }: PortfolioContext,
  ): Promise<PortfolioConnection> {
    checkFirst(first);
    for (const [name, list] of Object.entries({ ids, codes })) {
      if (list && list.length > MAX_IDS) {
        throw badUserInput(`${name} takes at most ${MAX_IDS} ${name}, but got ${list.length}`);
      }
    }
    const key = after ? (decodeCursor(after, CURSOR) as [string, string]) : null;
    const filter = { ids: ids ?? null, codes: codes ?? null, search: search ?? null };
    const rows = await portfolioStore.page(filter, first + 1, key);
    return { ...pageOf(rows, first, after ?? null, ({ name, id }) => [name, id]), filter };
  }

  @FieldResolver(() => LocalDate, {
    nullable: true,
    description: 'First day with a row in portfolio_metrics; null when there is none.',
  })
  async firstDay(
    @Root() { id }: Portfolio,
    @Ctx() { portfolios }: PortfolioContext,
  ): Promise<string | null> {
    return (await portfolios.dayBounds.load(id)).first_day;
  }

  @FieldResolver(() => LocalDate, {
    nullable: true,
    description: 'Last day with a row in portfolio_metrics; null when there is none.',
  })
  async lastDay(
    @Root() { id }: Portfolio,
    @Ctx() { portfolios }: PortfolioContext,
  ): Promise<string | null> {
    return (await portfolios.dayBounds.load(id)).last_day;
  }
}

@Resolver(() => PortfolioConnection)
export class PortfolioConnectionResolver {
  @FieldResolver(() => Int, { description: 'How many portfolios the whole list has.' })
  totalCount(
    @Root() { filter }: PortfolioConnection,
    @Ctx() { portfolioStore }: PortfolioContext,
  ): Promise<number> {
    return portfolioStore.count(filter);
  }
}
