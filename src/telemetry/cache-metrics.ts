import { Counter, Gauge, type Registry } from 'prom-client';

/** Daily series: how many were loaded from where, each of one portfolio in one aggregate, and what is cached. */
export interface SeriesUse {
  readonly loaded: { readonly memory: number; readonly database: number };
  readonly bytes: number;
}

/** Responses: how many were sent from the cache, and what is cached. */
interface ResponseUse {
  readonly sent: number;
  readonly bytes: number;
}

export interface Caches {
  readonly series: SeriesUse;
  readonly responses: ResponseUse;
}

/** What the caches save, and the memory that they take. */
export function addCacheMetrics(registry: Registry, { series, responses }: Caches): void {
  const registers = [registry];
  const sent = new Counter({
    name: 'rolling_metrics_cached_responses_total',
    help: 'Responses from the cache, but those of status 304 that take no look at the request.',
    registers,
    collect() {
      sent.reset();
      sent.inc(responses.sent);
    },
  });
  const loaded = new Counter({
    name: 'rolling_metrics_series_loaded_total',
    help: 'Daily series that requests needed, each of one portfolio in one aggregate; source: memory or database.',
    labelNames: ['source'],
    registers,
    collect() {
      loaded.reset();
      for (const [source, count] of Object.entries(series.loaded)) loaded.inc({ source }, count);
    },
  });
  const held = new Gauge({
    name: 'rolling_metrics_cache_bytes',
    help: 'Bytes that the caches hold, about; content: series or responses.',
    labelNames: ['content'],
    registers,
    collect() {
      for (const [content, { bytes }] of Object.entries({ series, responses }))
        held.set({ content }, bytes);
    },
  });
}
