import {
  type Context,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  NodeTracerProvider,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-node';
import type { GroupTried, RequestSaid, Span } from '../kernel/probe.ts';
import { parseTraceparent } from './traceparent.ts';

/**
 * Traces of requests through operation, gate and ledger. Attributes are names of bounded sets and numbers, as the probe has them; no
 * argument, no message, no X-Request-Id: the request's log line has both that and the trace id.
 */
export interface Traces {
  /** Undefined when this request is not sampled: then nothing below it costs anything. */
  request(said: RequestSaid, traceparent: string | undefined): Span | undefined;
  requestEnded(span: Span, status: number | 'aborted'): void;
  child(name: string, within: Span): Span;
  /** `outcome`: `answered`, or the code of a fault. */
  end(span: Span, outcome: string): void;
  /** A group is nobody's child: it has a trace of its own, linked with those of its appends both ways. */
  group(group: GroupTried): void;
  /** Sends what waits. */
  close(): Promise<void>;
}

interface Traced extends Span {
  readonly otel: OtelSpan;
  /** In which children begin. */
  readonly context: Context;
}

const INSTRUMENTATION = 'health-record-ledger';
/** More links than these are dropped from a group's span; each append's own span has its link all the same. */
const MAX_LINKS = 128;

/** What is linked with something sampled is sampled too: a group without its span would be a link to nothing. */
function linkedOr(other: Sampler): Sampler {
  return {
    shouldSample: (...asked) =>
      asked[5].length > 0 ? { decision: SamplingDecision.RECORD_AND_SAMPLED } : other.shouldSample(...asked),
    toString: () => `linked or ${other}`,
  };
}

/** @param ratio of the requests without a `traceparent`, which themselves say whether they are traced. */
export function openTraces(options: { readonly processor: SpanProcessor; readonly ratio: number }): Traces {
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': INSTRUMENTATION }),
    // All of it said here: else the library would look for it in the environment, beside src/config.ts.
    sampler: new ParentBasedSampler({
      root: linkedOr(new TraceIdRatioBasedSampler(options.ratio)),
      remoteParentSampled: new AlwaysOnSampler(),
      remoteParentNotSampled: new AlwaysOffSampler(),
    }),
    spanLimits: {
      attributeValueLengthLimit: 64,
      attributeCountLimit: 16,
      linkCountLimit: MAX_LINKS,
      eventCountLimit: 0,
    },
    spanProcessors: [options.processor],
  });
  // Handed down explicitly, so nothing is registered globally and no context follows every promise about.
  const tracer = provider.getTracer(INSTRUMENTATION);

  const traced = (otel: OtelSpan): Traced => ({
    traceId: otel.spanContext().traceId,
    otel,
    context: trace.setSpan(ROOT_CONTEXT, otel),
  });
  const failed = (otel: OtelSpan, what: string): void => {
    otel.setAttribute('error.type', what);
    otel.setStatus({ code: SpanStatusCode.ERROR });
  };

  return {
    request: ({ method, path }, traceparent) => {
      const parent = traceparent === undefined ? undefined : parseTraceparent(traceparent);
      const remote =
        parent === undefined
          ? ROOT_CONTEXT
          : trace.setSpanContext(ROOT_CONTEXT, {
              traceId: parent.traceId,
              spanId: parent.spanId,
              traceFlags: parent.sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
              isRemote: true,
            });
      const attributes = { 'http.request.method': method, 'url.path': path };
      const otel = tracer.startSpan(`${method} ${path}`, { kind: SpanKind.SERVER, attributes }, remote);
      return otel.isRecording() ? traced(otel) : undefined;
    },
    requestEnded: (span, status) => {
      const { otel } = span as Traced;
      if (status === 'aborted') failed(otel, status);
      else {
        otel.setAttribute('http.response.status_code', status);
        if (status >= 500) failed(otel, String(status));
      }
      otel.end();
    },
    child: (name, within) => traced(tracer.startSpan(name, {}, (within as Traced).context)),
    end: (span, outcome) => {
      const { otel } = span as Traced;
      if (outcome !== 'answered') failed(otel, outcome);
      otel.end();
    },
    group: (group) => {
      if (group.spans.length === 0) return;
      const appends = group.spans.map((span) => (span as Traced).otel);
      const otel = tracer.startSpan(
        'ledger group',
        {
          root: true,
          kind: SpanKind.CLIENT,
          startTime: performance.timeOrigin + group.beganMs,
          links: appends.slice(0, MAX_LINKS).map((append) => ({ context: append.spanContext() })),
          attributes: {
            'hrl.engine': group.engine,
            'hrl.appends': group.appends,
            'hrl.recorded': group.recorded,
            'hrl.events': group.events,
            'hrl.bytes': group.bytes,
          },
        },
        ROOT_CONTEXT,
      );
      if (group.outcome !== 'committed') failed(otel, group.outcome);
      for (const append of appends) append.addLink({ context: otel.spanContext() });
      otel.end(performance.timeOrigin + group.endedMs);
    },
    close: () => provider.shutdown(),
  };
}
