import { printJson, type ClientContext } from './client-context.js';
import { requestData } from './executor.js';
import { STATUS_QUERY, type StatusData } from './status-query.js';
import { renderStatus } from './status-table.js';

/** Prints the status of all aggregates, a row each. */
export async function showStatus(
  { execute, output, colors, now }: ClientContext,
  { json = false }: { readonly json?: boolean },
): Promise<number> {
  const data = await requestData<StatusData>(execute, STATUS_QUERY);
  if (json) printJson(output, data);
  else output.line(renderStatus(data.aggregateStatus, now(), colors));
  return 0;
}
