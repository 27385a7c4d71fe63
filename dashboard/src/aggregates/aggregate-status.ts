import type { AggregateStatusQuery } from '../../../client/src/index.js';

export type AggregateStatus = AggregateStatusQuery['aggregateStatus'][number];
