import { visit, type GraphQLResolveInfo, type OperationDefinitionNode } from 'graphql';
import type { DailyColumn } from '../metrics/daily-series.js';
import { columnsOfField } from './rolling-metrics.js';

const known = new WeakMap<OperationDefinitionNode, readonly DailyColumn[]>();

/**
 * The columns that the fields of windows are computed from which an operation asks for: of any
 * window, wherever in it, and whether or not a directive skips them.
 */
export function askedColumns({
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
