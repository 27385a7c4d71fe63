import type { ClientContext } from './client-context.js';
import { requestData } from './executor.js';

export const REPORT_QUERY = `query FreshnessReport {
  freshnessReport
}`;

/** Prints the readable report on how fresh the aggregates are. */
export async function showReport({ execute, output }: ClientContext): Promise<number> {
  const { freshnessReport } = await requestData<{ readonly freshnessReport: string }>(
    execute,
    REPORT_QUERY,
  );
  output.line(freshnessReport.trimEnd());
  return 0;
}
