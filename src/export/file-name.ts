import { formatDay, type DayNumber } from '../metrics/calendar.js';
import type { ExportFormat } from './export-parameters.js';
import type { ExportRequest } from './export-request.js';

/** What a file with an export is called: series-ONE_YEAR-2018-01-01-2018-05-11.csv. */
export function fileNameOf(request: ExportRequest, format: ExportFormat): string {
  const parts = [request.kind, ...detailsOf(request)];
  return `${parts.join('-')}.${format}`;
}

function detailsOf(request: ExportRequest): readonly string[] {
  const days = (...given: readonly (DayNumber | null)[]): string[] =>
    given.flatMap((day) => (day === null ? [] : formatDay(day)));
  if (request.kind === 'windows') return [request.window, ...days(request.asOf)];
  if (request.kind === 'daily') return days(request.from, request.to);
  const { window, from, to } = request.series;
  return [window, ...days(from, to)];
}
