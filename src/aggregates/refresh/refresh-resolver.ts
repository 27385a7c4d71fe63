import { Repeater } from '@graphql-yoga/subscription';
import {
  Arg,
  Ctx,
  FieldResolver,
  ID,
  Int,
  Mutation,
  Query,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import { Allow, type AuditDetails } from '../../access/allow.js';
import { until } from '../../async/until.js';
import { badUserInput } from '../../errors.js';
import { dayOf, toDay } from '../../metrics/calendar.js';
import { checkFirst, decodeCursor, pageOf } from '../../pagination.js';
import { LocalDate } from '../../scalars.js';
import { AggregateNameEnum } from '../graphql-types.js';
import { AGGREGATE_NAMES, type AggregateName } from '../registry.js';
import type { Revisions } from '../revisions/revisions.js';
import type { RefreshService } from './refresh-service.js';
import type { RefreshRequest } from './refresh-store.js';
import { AggregateRefreshConnection, AggregateRefreshType } from './refresh-types.js';
import { isFinished, type Refresh } from './refresh.js';

/** What the resolvers of refreshes take from a request's context. */
export interface RefreshContext {
  readonly refreshes: RefreshService;
  /** Caught up before a mutation responds: requests after it see what it wrote. */
  readonly revisions: Pick<Revisions, 'catchUp'>;
  readonly now: () => Date;
  /** Aborts when the client is gone or has waited long enough; without one it waits. */
  readonly signal?: AbortSignal | undefined;
}

const VIEW_NAME = { nullable: true, description: 'Only of this aggregate.' };
const FROM = { nullable: true, description: 'First day, inclusive; by default the oldest.' };
const TO = {
  nullable: true,
  description: 'Last day, inclusive, at most tomorrow; by default the newest.',
};
const WAIT = {
  defaultValue: true,
  description:
    'Whether to respond when the refresh has ended; otherwise at once, and it runs in the background. A timeout or a disconnect ends the wait, never the refresh.',
};

/** What the audit records of a request for refreshes. */
interface RangeArguments {
  readonly viewName?: AggregateName;
  readonly from?: string | null;
  readonly to?: string | null;
}

@Resolver(() => AggregateRefreshConnection)
export class RefreshResolver {
  @Allow('reader')
  @Query(() => AggregateRefreshType, {
    nullable: true,
    description: 'One refresh; null for an unknown id.',
  })
  async aggregateRefresh(
    @Arg('id', () => ID, { description: 'Identifier of the refresh.' }) id: string,
    @Ctx() context: RefreshContext,
  ): Promise<AggregateRefreshType | null> {
    const { refreshes, signal } = context;
    const refresh = isRefreshId(id) ? await until(refreshes.store.find(id), signal) : undefined;
    if (refresh) await seeEffects([refresh], context);
    return refresh ? new AggregateRefreshType(refresh) : null;
  }

  @Allow('reader')
  @Query(() => AggregateRefreshConnection, {
    description: 'The refreshes that this software ran or is to run, the newest first.',
  })
  async aggregateRefreshes(
    @Arg('viewName', () => AggregateNameEnum, VIEW_NAME) viewName: AggregateName | null,
    @Arg('first', () => Int, { defaultValue: 20, description: 'Page size, 1 to 200.' })
    first: number,
    @Arg('after', () => String, {
      nullable: true,
      description: 'Cursor of an edge or endCursor of a page: the list continues after it.',
    })
    after: string | null,
    @Ctx() context: RefreshContext,
  ): Promise<AggregateRefreshConnection> {
    const { refreshes, signal } = context;
    checkFirst(first);
    const [before = null] = after ? decodeCursor(after, [isRefreshId]) : [];
    const rows = await until(refreshes.store.page(viewName ?? null, first + 1, before), signal);
    await seeEffects(rows, context);
    const nodes = rows.map((refresh) => new AggregateRefreshType(refresh));
    return { ...pageOf(nodes, first, after ?? null, ({ id }) => [id]), viewName: viewName ?? null };
  }

  @FieldResolver(() => Int, { description: 'How many refreshes the whole list has.' })
  totalCount(
    @Root() { viewName }: AggregateRefreshConnection,
    @Ctx() { refreshes, signal }: RefreshContext,
  ): Promise<number> {
    return until(refreshes.store.count(viewName), signal);
  }

  @Allow('operator', ({ viewName, from, to }: RangeArguments, refresh?: AggregateRefreshType) => ({
    viewName,
    from,
    to,
    refreshes: outcomes(refresh ? [refresh] : []),
  }))
  @Mutation(() => AggregateRefreshType, {
    description:
      'Refreshes an aggregate over inclusive days; only `from` means to the newest day, only `to` from the oldest, neither the whole aggregate. One refresh of an aggregate runs at a time and one waits: a request joins the one that waits.',
  })
  async refreshAggregate(
    @Arg('viewName', () => AggregateNameEnum, { description: 'The aggregate.' })
    viewName: AggregateName,
    @Arg('from', () => LocalDate, FROM) from: string | null,
    @Arg('to', () => LocalDate, TO) to: string | null,
    @Arg('wait', () => Boolean, WAIT) wait: boolean,
    @Ctx() context: RefreshContext,
  ): Promise<AggregateRefreshType> {
    const [refresh] = await requestRefreshes([viewName], from, to, wait, context);
    return new AggregateRefreshType(refresh!);
  }

  @Allow('operator', ({ from, to }: RangeArguments, refreshes: AggregateRefreshType[] = []) => ({
    from,
    to,
    refreshes: outcomes(refreshes),
  }))
  @Mutation(() => [AggregateRefreshType], {
    description: 'Refreshes all aggregates over inclusive days, as refreshAggregate does each.',
  })
  async refreshAllAggregates(
    @Arg('from', () => LocalDate, FROM) from: string | null,
    @Arg('to', () => LocalDate, TO) to: string | null,
    @Arg('wait', () => Boolean, WAIT) wait: boolean,
    @Ctx() context: RefreshContext,
  ): Promise<AggregateRefreshType[]> {
    const done = await requestRefreshes(AGGREGATE_NAMES, from, to, wait, context);
    return done.map((refresh) => new AggregateRefreshType(refresh));
  }

  @Allow('operator', ({ id }: { id: string }, refresh?: AggregateRefreshType) => ({
    id,
    refreshes: outcomes(refresh ? [refresh] : []),
  }))
  @Mutation(() => AggregateRefreshType, {
    description:
      'Cancels a refresh: a waiting one at once, a running one between two of its slices, on whichever instance runs it. One that is over stays as it is.',
  })
  async cancelRefresh(
    @Arg('id', () => ID, { description: 'Identifier of the refresh.' }) id: string,
    @Ctx() { refreshes }: RefreshContext,
  ): Promise<AggregateRefreshType> {
    const refresh = isRefreshId(id) ? await refreshes.store.cancel(id) : undefined;
    if (!refresh) throw badUserInput(`id must be that of a refresh, but got "${id}"`);
    return new AggregateRefreshType(refresh);
  }

  @Allow('reader')
  @Subscription(() => AggregateRefreshType, {
    description: 'Every change of state or progress of a refresh, whichever instance runs it.',
    subscribe: ({ args, context }) =>
      changesOf(args as { viewName?: AggregateName }, context as RefreshContext),
  })
  aggregateRefreshed(
    @Root() refresh: Refresh,
    @Arg('viewName', () => AggregateNameEnum, VIEW_NAME) _viewName: AggregateName | null,
  ): AggregateRefreshType {
    return new AggregateRefreshType(refresh);
  }
}

/**
 * The changes of one aggregate or of all. Not a generator: one that waits for an event cannot be
 * ended, and would listen on when its client is gone.
 */
function changesOf(
  { viewName }: { readonly viewName?: AggregateName },
  { refreshes, signal }: RefreshContext,
): AsyncIterableIterator<Refresh> {
  return new Repeater<Refresh>(async (push, stop) => {
    const changes = refreshes.events.subscribe();
    const end = (): void => stop();
    void stop.then(() => changes.return?.());
    signal?.addEventListener('abort', end);
    if (signal?.aborted) stop();
    for await (const [refresh] of changes) {
      if (!viewName || refresh.name === viewName) await push(refresh);
    }
    signal?.removeEventListener('abort', end);
  });
}

async function requestRefreshes(
  names: readonly AggregateName[],
  from: string | null,
  to: string | null,
  wait: boolean,
  context: RefreshContext,
): Promise<Refresh[]> {
  const { refreshes, now, signal } = context;
  const range = checkedRange(from, to, now());
  const requested = await refreshes.requestAll(names, { ...range, origin: 'REQUEST' });
  if (!wait) return requested;
  const done = await Promise.all(requested.map((refresh) => refreshes.wait(refresh, signal)));
  await seeEffects(done, context);
  return done;
}

/** A client that learns that a refresh is over sees what it has done. */
async function seeEffects(
  of: readonly Refresh[],
  { refreshes, revisions, signal }: RefreshContext,
): Promise<void> {
  if (of.some(isFinished)) await revisions.catchUp(signal).catch(refreshes.onError);
}

/** What became of refreshes, for the audit. */
function outcomes(refreshes: readonly AggregateRefreshType[]): AuditDetails[] {
  return refreshes.map(({ id, viewName, state }) => ({ id, viewName, state }));
}

function checkedRange(
  from: string | null,
  to: string | null,
  now: Date,
): Pick<RefreshRequest, 'from' | 'to'> {
  const range = { from: from ? toDay(from) : null, to: to ? toDay(to) : null };
  const tomorrow = dayOf(now) + 1;
  if (range.from !== null && range.to !== null && range.from > range.to) {
    throw badUserInput(`from must not be after to, but got from ${from} and to ${to}`);
  }
  if (range.from !== null && range.from > tomorrow) {
    throw badUserInput(`from must not be after tomorrow (UTC), but got ${from}`);
  }
  if (range.to !== null && range.to > tomorrow) {
    throw badUserInput(`to must not be after tomorrow (UTC), but got ${to}`);
  }
  return range;
}

function isRefreshId(text: string): boolean {
  return /^\d{1,18}$/.test(text);
}
