import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

/** The routes that probes and scrapes request every few seconds. */
const PROBES = /^\/(?:health\/|metrics)/;

/**
 * Exports spans of HTTP requests, operations and statements to the collector of the environment
 * (OTEL_EXPORTER_OTLP_ENDPOINT and the other variables of OpenTelemetry). Has to be called before
 * the modules that are instrumented are loaded. Gives what exports the last spans.
 */
export function startTracing(version: string): () => Promise<void> {
  const resource = defaultResource()
    .merge(
      resourceFromAttributes({ 'service.name': 'rolling-metrics', 'service.version': version }),
    )
    // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES have the last word.
    .merge(detectResources({ detectors: [envDetector] }));
  const provider = new NodeTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register();
  registerInstrumentations({
    tracerProvider: provider,
    instrumentations: [
      new HttpInstrumentation({
        ignoreIncomingRequestHook: ({ url = '' }) => PROBES.test(url),
        disableOutgoingRequestInstrumentation: true,
      }),
      // The text of a statement has placeholders; PostgreSQL's message of one that fails may repeat a value.
      new PgInstrumentation({ requireParentSpan: true }),
    ],
  });
  return () => provider.shutdown();
}
