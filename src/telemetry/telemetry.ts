import type { Config } from '../config.ts';
import { type Probe, SILENT_PROBE } from '../kernel/probe.ts';
import type { Sources } from './gauges.ts';

/** The operator's view of one process. */
export interface Telemetry {
  /** Told of what happens, by whoever is given it. */
  readonly probe: Probe;
  /** Serves metrics from now on, those that the sources count included; undefined without METRICS_PORT. Throws `metrics-cannot-listen`. */
  serve(sources: Sources): Promise<string | undefined>;
  /** Sends the spans that wait, and serves no more. */
  close(): Promise<void>;
}

const NONE: Telemetry = {
  probe: SILENT_PROBE,
  serve: async () => undefined,
  close: async () => {},
};

/** Without METRICS_PORT and OTEL_EXPORTER_OTLP_ENDPOINT nothing is counted or traced, and no library for it is even loaded. */
export async function openTelemetry({
  metrics: at,
  traces: sent,
}: Pick<Config, 'metrics' | 'traces'>): Promise<Telemetry> {
  if (at === undefined && sent === undefined) return NONE;
  const [{ createMetrics }, { telemetryProbe }] = await Promise.all([import('./metrics.ts'), import('./probe.ts')]);
  const metrics = createMetrics();
  const traces =
    sent === undefined ? undefined : await tracesTo(sent, (outcome, n) => metrics.spans.inc({ outcome }, n));
  let close = async (): Promise<void> => {};
  return {
    probe: telemetryProbe(metrics, traces),
    serve: async (sources) => {
      if (at === undefined) return undefined;
      const [{ addGauges }, { serveMetrics }] = await Promise.all([
        import('./gauges.ts'),
        import('./metrics-server.ts'),
      ]);
      addGauges(metrics.registry, sources);
      const server = await serveMetrics(metrics.registry, at);
      close = server.close;
      return server.url;
    },
    close: async () => {
      await close();
      // A collector that is away must not keep a process from ending; what it did not take is lost.
      await traces?.close().catch(() => {});
    },
  };
}

async function tracesTo(
  { ratio, ...collector }: NonNullable<Config['traces']>,
  told: (outcome: 'sent' | 'lost', spans: number) => void,
) {
  const [{ openTraces }, { sendingTo }] = await Promise.all([import('./traces.ts'), import('./collector.ts')]);
  return openTraces({ processor: sendingTo(collector, told), ratio });
}
