import { Field, Float, GraphQLISODateTime, ID, ObjectType, registerEnumType } from 'type-graphql';
import { formatDay } from '../../metrics/calendar.js';
import { PageInfo, type Edge } from '../../pagination.js';
import { LocalDate } from '../../scalars.js';
import { AggregateNameEnum, enumOf } from '../graphql-types.js';
import type { AggregateName } from '../registry.js';
import { PendingInvalidationType } from '../status/status-types.js';
import { REFRESH_STATES, type Refresh, type RefreshState } from './refresh.js';

const RefreshStateEnum = enumOf(REFRESH_STATES);
registerEnumType(RefreshStateEnum, {
  name: 'RefreshState',
  description: 'Where a refresh stands.',
  valuesConfig: {
    QUEUED: { description: 'Waits for the one before it.' },
    RUNNING: { description: 'Runs, slice by slice.' },
    SUCCEEDED: { description: 'Everything committed before it started is materialized.' },
    FAILED: { description: 'Ended with an error; what it had done is kept.' },
    CANCELLED: { description: 'Was cancelled; what it had done is kept.' },
  },
});

@ObjectType('AggregateRefresh', {
  description: 'A refresh of a continuous aggregate: waiting, running or over.',
  simpleResolvers: true,
})
export class AggregateRefreshType {
  @Field(() => ID, { description: 'Identifier; a later refresh has a greater one.' })
  readonly id: string;

  @Field(() => AggregateNameEnum, { description: 'The aggregate.' })
  readonly viewName: AggregateName;

  @Field(() => RefreshStateEnum, { description: 'Where it stands.' })
  readonly state: RefreshState;

  @Field(() => LocalDate, {
    nullable: true,
    description: 'First day, inclusive; null: from the oldest.',
  })
  readonly from: string | null;

  @Field(() => LocalDate, {
    nullable: true,
    description: 'Last day, inclusive; null: to the newest.',
  })
  readonly to: string | null;

  @Field(() => Float, { description: '0 to 1.' })
  readonly progress: number;

  @Field(() => [PendingInvalidationType], {
    description:
      'Days inside the range that changed after the refresh started and wait for the next one.',
  })
  readonly pendingAfter: readonly PendingInvalidationType[];

  @Field(() => GraphQLISODateTime, { description: 'When it was requested.' })
  readonly requestedAt: Date;

  @Field(() => GraphQLISODateTime, {
    nullable: true,
    description: 'When it began to run; null before.',
  })
  readonly startedAt: Date | null;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When it ended; null before.' })
  readonly finishedAt: Date | null;

  @Field(() => String, { nullable: true, description: 'Why it failed; null otherwise.' })
  readonly error: string | null;

  constructor(refresh: Refresh) {
    const { id, name, state, from, to, progress, requestedAt, startedAt, finishedAt, error } =
      refresh;
    this.id = id;
    this.viewName = name;
    this.state = state;
    this.from = from === null ? null : formatDay(from);
    this.to = to === null ? null : formatDay(to);
    this.progress = progress;
    this.pendingAfter = refresh.pendingAfter.map((range) => new PendingInvalidationType(range));
    this.requestedAt = requestedAt;
    this.startedAt = startedAt;
    this.finishedAt = finishedAt;
    this.error = error;
  }
}

@ObjectType({ description: 'A refresh in a list.', simpleResolvers: true })
class AggregateRefreshEdge {
  @Field(() => String, { description: 'Continues the list after this refresh, given as `after`.' })
  cursor!: string;

  @Field(() => AggregateRefreshType, { description: 'The refresh.' })
  node!: AggregateRefreshType;
}

@ObjectType({ description: 'A page of refreshes, the newest first.' })
export class AggregateRefreshConnection {
  @Field(() => [AggregateRefreshEdge], { simple: true, description: 'The refreshes of the page.' })
  edges!: Edge<AggregateRefreshType>[];

  @Field(() => PageInfo, { simple: true, description: 'Where the page stands in the list.' })
  pageInfo!: PageInfo;

  readonly viewName!: AggregateName | null;
}
