import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A collector of traces as OpenTelemetry's exporter meets it: it takes every POST, and keeps what it was sent. */
export interface FakeCollector {
  readonly url: string;
  readonly received: readonly {
    readonly path: string;
    readonly authorization: string | undefined;
    readonly body: string;
  }[];
  close(): void;
}

export async function fakeCollector(): Promise<FakeCollector> {
  const received: { path: string; authorization: string | undefined; body: string }[] = [];
  const server = createServer(async (req, res) => {
    let body = '';
    for await (const chunk of req.setEncoding('utf8')) body += chunk;
    received.push({ path: req.url ?? '', authorization: req.headers.authorization, body });
    res.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
