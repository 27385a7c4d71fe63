export const EXPORT_KINDS = ['series', 'windows', 'daily'] as const;
export type ExportKind = (typeof EXPORT_KINDS)[number];

/** The parameters of an export as a URL or a command has them. */
export type ExportParameters = Readonly<Record<string, unknown>>;

/** The parameters that each kind of export takes. */
export const EXPORT_PARAMETERS: Readonly<Record<ExportKind, readonly string[]>> = {
  series: ['portfolios', 'window', 'metrics', 'from', 'to', 'riskFreeDaily', 'format'],
  windows: ['portfolios', 'window', 'metrics', 'asOf', 'riskFreeDaily', 'format'],
  daily: ['portfolios', 'from', 'to', 'format'],
};
export const EXPORT_FORMATS = ['csv', 'ndjson', 'parquet'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
