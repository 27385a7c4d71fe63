import { visit, type GraphQLResolveInfo, type OperationDefinitionNode } from 'graphql';
import type { DailyColumn } from '../metrics/daily-series.js';
import { columnsOfField } from './rolling-metrics.js';

const known = new WeakMap<OperationDefinitionNode, readonly DailyColumn[]>();

/**
 * The columns from which the requested fields of windows are computed: of any window, anywhere in
 * the operation, and whether or not a directive skips them.
 */
export function requestedColumns({
  operation,
  fragments,
}: Pick<GraphQLResolveInfo, 'operation' | 'fragments'>): readonly DailyColumn[] {
  let columns = known.get(operation);
  if (columns) return columns;
  const found = new Set<DailyColumn>();
  for (const definition of [operation, ...Object.values(fragments)]) {
    visit(definition, {
      Field({ name }) {
        for (const column of columnsOfField(name.value)) found.add(column);
      },
    });
  }
  known.set(operation, (columns = [...found]));
  return columns;
}
