import { Field, GraphQLISODateTime, ObjectType, registerEnumType } from 'type-graphql';
import { formatDay } from '../metrics/calendar.js';
import { LocalDate } from '../scalars.js';
import type { AggregateState } from './aggregate-state.js';
import type { DayRange } from './day-ranges.js';
import { isStale, staleReason } from './freshness.js';
import { AGGREGATE_NAMES, AGGREGATES, ROLLING_WINDOWS, type AggregateName } from './registry.js';
import type { Dependencies } from './revisions/dependencies.js';

/** An enum for the schema whose values are their own names. */
export function enumOf<Name extends string>(names: readonly Name[]): { [Key in Name]: Key } {
  return Object.fromEntries(names.map((name) => [name, name])) as { [Key in Name]: Key };
}

export const AggregateNameEnum = enumOf(AGGREGATE_NAMES);
registerEnumType(AggregateNameEnum, {
  name: 'AggregateName',
  description: 'The continuous aggregates, each the daily series behind one rolling window.',
  valuesConfig: Object.fromEntries(
    AGGREGATE_NAMES.map((name) => [
      name,
      { description: `${AGGREGATES[name].sqlName}, behind the window ${AGGREGATES[name].window}.` },
    ]),
  ),
});

export const RollingWindowEnum = enumOf(ROLLING_WINDOWS);
registerEnumType(RollingWindowEnum, {
  name: 'RollingWindow',
  description:
    'The rolling windows, each the calendar days in (asOf − W, asOf]. One year goes to the same day a year before, 29 February to 28 February.',
  valuesConfig: Object.fromEntries(
    ROLLING_WINDOWS.map((name) => [name, { description: name.toLowerCase().replace('_', ' ') }]),
  ),
});

@ObjectType({
  description: 'Whether the numbers beside it are as new as the rows they come from.',
  simpleResolvers: true,
})
export class WindowFreshness {
  @Field(() => AggregateNameEnum, {
    description: 'The continuous aggregate the numbers come from.',
  })
  readonly aggregate: AggregateName;

  /** A response depends on those fields alone that it has. */
  constructor(
    aggregate: AggregateName,
    private readonly state: AggregateState,
    private readonly days: DayRange,
    private readonly dependencies: Dependencies | undefined,
  ) {
    this.aggregate = aggregate;
  }

  @Field(() => LocalDate, {
    nullable: true,
    description:
      'Last day the aggregate has materialized, over all portfolios; null before its first refresh.',
  })
  get materializedThrough(): string | null {
    this.dependOn('materializedThrough', (state) => state.materializedThrough);
    const { materializedThrough: day } = this.state;
    return day === null ? null : formatDay(day);
  }

  @Field(() => GraphQLISODateTime, {
    nullable: true,
    description: 'When a refresh last succeeded, by a policy or by hand; null when none has.',
  })
  get lastRefresh(): Date | null {
    this.dependOn('lastRefresh', ({ lastRefresh }) => lastRefresh?.getTime() ?? null);
    return this.state.lastRefresh;
  }

  @Field(() => Boolean, {
    description:
      'True when pending days (see PendingInvalidation) overlap the requested days: (asOf − W, asOf], or everything after asOf − W where asOf was not given. Of any portfolio: true may be cautious, false is certain.',
  })
  get isStale(): boolean {
    const { days } = this;
    this.dependOn(`isStale ${this.daysKey}`, (state) => isStale(state, days));
    return isStale(this.state, days);
  }

  @Field(() => String, {
    nullable: true,
    description:
      'A sentence: which days are pending, and whether the policy will reach them; null when not stale.',
  })
  get staleReason(): string | null {
    const { aggregate, days } = this;
    const reasonIn = (state: AggregateState): string | null => staleReason(aggregate, state, days);
    this.dependOn(`staleReason ${this.daysKey}`, reasonIn);
    return reasonIn(this.state);
  }

  private get daysKey(): string {
    return `${this.days.from} ${this.days.to}`;
  }

  /** @param select is cached with the response: it must not refer to this object, and so to its state */
  private dependOn(what: string, select: (state: AggregateState) => unknown): void {
    this.dependencies?.state(this.aggregate, this.state, what, select);
  }
}
