export { ApiError, type ApiErrorDetails, type GraphqlError } from './api-error.js';
export {
  createClient,
  type Client,
  type ClientOptions,
  type Connection,
  type ExecuteOptions,
  type PortfolioNode,
  type SeriesRequest,
} from './client.js';
export * from './generated/operations.js';
export { toSeries, type Series } from './series.js';
export type { TypedDocument } from './typed-document.js';
