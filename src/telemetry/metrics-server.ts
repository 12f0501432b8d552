import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { Fault } from '../kernel/fault.ts';

/** The address for metrics is taken, or is not this machine's. */
class MetricsCannotListen extends Fault {
  readonly code = 'metrics-cannot-listen';

  constructor(host: string, port: number, cause: unknown) {
    super(`metrics cannot be served on ${host} port ${port}`, {
      cause,
      next: 'set METRICS_HOST and METRICS_PORT to an address of this machine that is free, or leave METRICS_PORT out',
    });
  }
}

export interface MetricsServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * `GET /metrics` and nothing else, on a listener of its own: how much is read and refused is not for whoever may call the API. Resolves
 * once it listens; port 0 takes a free one. Throws `MetricsCannotListen`.
 */
export async function serveMetrics(registry: Registry, at: { host: string; port: number }): Promise<MetricsServer> {
  const server = createServer({ headersTimeout: 5_000, requestTimeout: 5_000 }, (req, res) => {
    req.resume();
    if (req.url !== '/metrics' || (req.method !== 'GET' && req.method !== 'HEAD')) {
      res.writeHead(404).end();
      return;
    }
    registry.metrics().then(
      (text) => res.writeHead(200, { 'content-type': registry.contentType, 'cache-control': 'no-store' }).end(text),
      () => res.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new MetricsCannotListen(at.host, at.port, error)));
    server.listen(at.port, at.host, resolve);
  });
  const { address, family, port } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
