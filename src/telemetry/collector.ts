import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BatchSpanProcessor, type SpanExporter, type SpanProcessor } from '@opentelemetry/sdk-trace-node';

/** Where traces are sent: a collector that speaks OTLP over HTTP. */
export interface Collector {
  /** The base; `v1/traces` is put behind it. */
  readonly endpoint: URL;
  readonly headers: Readonly<Record<string, string>>;
}

/** Spans wait for at most so long, and at most so many: what comes beyond is dropped, and nobody waits for the collector. */
const SEND_EVERY_MS = 2_000;
const MAX_WAITING = 4_096;
const MAX_SENT = 512;
const TIMEOUT_MS = 5_000;

/** @param told how many spans were sent, or could not be */
export function sendingTo(
  collector: Collector,
  told: (outcome: 'sent' | 'lost', spans: number) => void,
): SpanProcessor {
  const base = collector.endpoint.href.replace(/\/$/, '');
  const exporter = new OTLPTraceExporter({
    url: `${base}/v1/traces`,
    headers: { ...collector.headers },
    timeoutMillis: TIMEOUT_MS,
  });
  const counting: SpanExporter = {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        // 0 is success in the library's own words.
        told(result.code === 0 ? 'sent' : 'lost', spans.length);
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush(),
  };
  return new BatchSpanProcessor(counting, {
    maxExportBatchSize: MAX_SENT,
    maxQueueSize: MAX_WAITING,
    scheduledDelayMillis: SEND_EVERY_MS,
    exportTimeoutMillis: TIMEOUT_MS,
  });
}
