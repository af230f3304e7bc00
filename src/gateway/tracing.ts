/**
 * Traces by OpenTelemetry, when a collector is set: a span for the request, and in it for the decision, the plan, each bureau and the audit log.
 * Its libraries are loaded only then. Spans carry codes and no values, and of an error not even its message.
 */
import type { Span } from '@opentelemetry/api';
import type { Step, Watch } from './watch';

export interface Tracing extends Watch {
  /** Sends what has not been sent. */
  close(): Promise<void>;
}

/** How long the end of the process waits for the collector. */
const CLOSE_MILLISECONDS_MAX = 3_000;

/**
 * Opens tracing to the collector of the OpenTelemetry settings (`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_EXPORTER_OTLP_HEADERS`,
 * `OTEL_SERVICE_NAME`, …), which its libraries read themselves. A trace begun elsewhere is gone on with (W3C Trace Context).
 */
export function openTracing(): Tracing {
  const { context, propagation, SpanKind, SpanStatusCode, trace } =
    require('@opentelemetry/api') as typeof import('@opentelemetry/api');
  const { OTLPTraceExporter } =
    require('@opentelemetry/exporter-trace-otlp-http') as typeof import('@opentelemetry/exporter-trace-otlp-http');
  const { BatchSpanProcessor, NodeTracerProvider } =
    require('@opentelemetry/sdk-trace-node') as typeof import('@opentelemetry/sdk-trace-node');
  const { defaultResource, resourceFromAttributes } =
    require('@opentelemetry/resources') as typeof import('@opentelemetry/resources');
  const service = { 'service.name': process.env.OTEL_SERVICE_NAME || 'heyan' };
  const provider = new NodeTracerProvider({
    resource: defaultResource().merge(resourceFromAttributes(service)),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register();
  const tracer = trace.getTracer('heyan');
  return {
    step(step, work) {
      const traceparent = step.name === 'request' ? step.traceparent : undefined;
      const around = traceparent ? propagation.extract(context.active(), { traceparent }) : context.active();
      const kind = step.name === 'request' ? SpanKind.SERVER : SpanKind.INTERNAL;
      return tracer.startActiveSpan(
        nameOf(step),
        { kind, attributes: attributesOf(step) },
        around,
        async (span: Span) => {
          try {
            return await work();
          } catch (error) {
            span.setStatus({ code: SpanStatusCode.ERROR });
            throw error;
          } finally {
            span.end();
          }
        },
      );
    },
    traceparent() {
      const carrier: { traceparent?: string } = {};
      propagation.inject(context.active(), carrier);
      return carrier.traceparent;
    },
    async close() {
      const late = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_MILLISECONDS_MAX).unref());
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
    },
  };
}

function nameOf(step: Step): string {
  if (step.name === 'request') return `POST ${step.route}`;
  return step.name === 'bureau' ? `bureau ${step.bureau}` : step.name;
}

function attributesOf(step: Step): Record<string, string> {
  if (step.name === 'request') return { 'http.route': step.route, 'heyan.request': step.id };
  if (step.name === 'operation') return { 'heyan.agency': step.agency };
  return step.name === 'bureau' ? { 'heyan.bureau': step.bureau } : {};
}
