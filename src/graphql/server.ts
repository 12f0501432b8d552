import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AuthMisconfigured } from '../auth/faults.ts';
import { isLoopback } from '../auth/loopback.ts';
import { type Probe, type RequestSaid, SILENT_PROBE, type Span } from '../kernel/probe.ts';
import { CannotListen } from './cannot-listen.ts';
import { callersOf, discarded } from './draining.ts';
import { type EndpointOptions, GRAPHQL_PATH, graphqlEndpoint } from './endpoint.ts';
import { ApiFault, badInput, type FaultCode } from './fault.ts';
import { describe, faultReport, type Log } from './fault-report.ts';
import { requestIdOf } from './headers.ts';
import { rateLimit } from './rate-limit.ts';
import { type Reply, replyFaults, replyHealth } from './respond.ts';
import { translateFault } from './translate-fault.ts';

/** What `/health/ready` tells: whether each part can serve. */
export interface Readiness {
  readonly ready: boolean;
  readonly checks: { readonly ledger: boolean; readonly database: boolean; readonly projectorLag: number | null };
}

export interface ApiServerOptions extends Omit<EndpointOptions, 'rate' | 'faults'> {
  readonly log: Log;
  readonly ratePerMinute: number;
  /** `projectorLag` counts events that the read tables lack; null when nobody can tell. Throwing means: not ready. */
  readonly readiness: () => Promise<Readiness>;
}

export interface ApiServer {
  /** Resolves with the endpoint's URL once connections are accepted. Port 0 takes a free one. Throws `CannotListen`, `AuthMisconfigured`. */
  listen(port: number, host: string): Promise<string>;
  /** The GraphQL endpoint; throws before `listen`. */
  readonly url: string;
  /** How many faults of each code were told since the start. */
  faultCounts(): { readonly [C in FaultCode]: number };
  /**
   * Refuses new work with BUSY, lets what runs finish, and closes every connection. What still runs after `graceMs` is cut off: its
   * events are written or not, and its caller does not know (the same requestId may be sent again). For `lingerMs`, or until nobody is
   * connected, callers are still told BUSY, each on its last answer over that connection: one whose request is on its way is told to go
   * elsewhere, and does not meet a closed connection. Whoever waits as told comes after that time.
   */
  stop(graceMs?: number, lingerMs?: number): Promise<void>;
}

/** Requests that run at once; those beyond are told BUSY before anything of them is read. */
const MAX_IN_FLIGHT = 1_024;
const RETRY_MS = 1_000;
const DEFAULT_GRACE_MS = 10_000;
/** Answers on their way out get this long before their connection is closed. */
const CLOSE_MS = 500;
const LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  /** A body of the largest size over a slow line; also bounds how long a refused one is discarded. */
  requestTimeout: 120_000,
  keepAliveTimeout: 30_000,
} as const;
/** What Node's own parser refuses, before there is a request. */
const STATUS_LINES = new Map([
  ['HPE_HEADER_OVERFLOW', '431 Request Header Fields Too Large'],
  ['ERR_HTTP_REQUEST_TIMEOUT', '408 Request Timeout'],
]);
/** Paths as they are logged: any other could hold what somebody typed. */
const PATHS = [GRAPHQL_PATH, '/health/live', '/health/ready'];

/** A request and its answer. */
interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** X-Request-Id as given or minted: in every log line of the request, and in its answer. */
  readonly requestId: string;
  readonly span: Span | undefined;
}

export function createApiServer(options: ApiServerOptions): ApiServer {
  const { log, readiness, verifier, probe = SILENT_PROBE } = options;
  const faults = faultReport(log);
  const endpoint = graphqlEndpoint({ ...options, rate: rateLimit(options.ratePerMinute), faults });
  let stopping = false;
  let lingersUntil = 0;
  let inFlight = 0;
  let whenIdle: (() => void) | undefined;
  let url: string | undefined;

  const fail = ({ requestId, res }: Exchange, fault: ApiFault): void =>
    send(res, replyFaults([faults.told(fault, requestId)], requestId));
  const busy = (message: string, retryAfterMs = RETRY_MS): ApiFault => new ApiFault('BUSY', message, { retryAfterMs });
  const leaving = (): ApiFault => {
    const lingersMs = Math.max(0, Math.ceil(lingersUntil - performance.now()));
    return busy('stopping: send the same again, to another process', lingersMs + RETRY_MS);
  };

  const health = async (path: string): Promise<Reply> => {
    if (path === '/health/live') return replyHealth(200, { live: true });
    const state = stopping ? undefined : await readiness().catch(() => undefined);
    return replyHealth(state?.ready === true ? 200 : 503, state ?? { ready: false });
  };

  const serve = async (path: string, exchange: Exchange): Promise<void> => {
    const { req, res, requestId, span } = exchange;
    if (!PATHS.includes(path)) return fail(exchange, badInput('path', 'there is nothing here', { status: 404 }));
    if (path !== GRAPHQL_PATH) {
      if (req.method === 'GET' || req.method === 'HEAD') {
        const { status, headers, body } = await health(path);
        return send(res, { status, headers: { ...headers, 'x-request-id': requestId }, body });
      }
      return fail(
        exchange,
        badInput('method', 'only GET is served here', { status: 405, headers: { allow: 'GET, HEAD' } }),
      );
    }
    if (stopping) {
      await discarded(req);
      return fail(exchange, leaving());
    }
    if (inFlight >= MAX_IN_FLIGHT) return fail(exchange, busy('too many requests at once: send the same again'));
    inFlight += 1;
    try {
      const response = await endpoint.handleNodeRequestAndResponse(req, res, { req, requestId, span });
      const body = await response.text();
      // Told to stop while it ran: nothing more is to come over this connection.
      if (stopping) res.setHeader('connection', 'close');
      const headers = { 'x-request-id': requestId, ...Object.fromEntries(response.headers) };
      send(res, { status: response.status, headers, body });
      // It runs until its answer is out, or its caller gone: stopping waits for both.
      await closedResponse(res);
    } finally {
      inFlight -= 1;
      if (inFlight === 0) whenIdle?.();
    }
  };

  const server = createServer(LIMITS, (req, res) => {
    const path = (req.url ?? '').split('?', 1)[0] ?? '';
    if (stopping) res.setHeader('connection', 'close');
    const said = saidOf(req, path);
    const requestId = requestIdOf(headerOf(req, 'x-request-id') ?? null, options.entropy);
    const span = path === GRAPHQL_PATH ? probe.requestBegan(said, headerOf(req, 'traceparent')) : undefined;
    const exchange: Exchange = { req, res, requestId, span };
    tellWhenClosed(log, probe, said, exchange);
    serve(path, exchange).catch((error: unknown) => {
      // Nothing above throws but by a bug, or for a host that no URL can be made of.
      if (res.headersSent) res.destroy();
      else fail(exchange, translateFault(error, 'command'));
    });
  });
  server.on('clientError', (error, socket) => {
    const code: unknown = 'code' in error ? error.code : undefined;
    // A caller who went away has sent nothing malformed.
    if (code !== 'ECONNRESET') log.info({ error: describe(error) }, 'malformed request');
    const status = STATUS_LINES.get(String(code)) ?? '400 Bad Request';
    if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  });

  const callers = callersOf(server);
  const drained = (graceMs: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, graceMs);
      whenIdle = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  return {
    async listen(port, host) {
      const bound = await bind(server, port, host);
      // A host name resolves to whatever it likes; what counts is where the socket is.
      if (verifier.kind === 'development' && !isLoopback(bound.address)) {
        await closed(server);
        throw new AuthMisconfigured('development tokens work on a loopback address only', {
          next: 'set HOST to 127.0.0.1',
        });
      }
      const shown = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
      url = `http://${shown}:${bound.port}${GRAPHQL_PATH}`;
      return url;
    },
    get url() {
      if (url === undefined) throw new Error('the server does not listen yet');
      return url;
    },
    faultCounts: () => faults.counts(),
    async stop(graceMs = DEFAULT_GRACE_MS, lingerMs = 0) {
      stopping = true;
      lingersUntil = performance.now() + lingerMs;
      await Promise.all([inFlight > 0 ? drained(graceMs) : undefined, callers.gone(lingerMs)]);
      const done = closed(server);
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
      await done;
      clearTimeout(cut);
    },
  };
}

/** Node's parser knows the methods that there are, so a method is of a bounded set too. */
function saidOf({ method = 'GET' }: IncomingMessage, path: string): RequestSaid {
  return { method, path: PATHS.includes(path) ? path : 'other' };
}

/** Undefined for one that is absent or was sent twice. */
function headerOf({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** One line a request: no argument, no name, no address. */
function tellWhenClosed(log: Log, probe: Probe, said: RequestSaid, { res, requestId, span }: Exchange): void {
  const began = performance.now();
  res.once('close', () => {
    const status = res.writableFinished ? res.statusCode : 'aborted';
    const ms = performance.now() - began;
    probe.requestEnded(said, status, ms, span);
    const traced = span === undefined ? {} : { traceId: span.traceId };
    log.info({ ...said, status, ms: Math.round(ms), requestId, ...traced }, 'request');
  });
}

function bind(server: Server, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => reject(new CannotListen(host, port, cause));
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      resolve(server.address() as AddressInfo);
    });
  });
}

function closedResponse(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (res.closed) resolve();
    else res.once('close', () => resolve());
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

function send(res: ServerResponse, { status, headers, body }: Reply): void {
  const bytes = Buffer.from(body, 'utf8');
  res.writeHead(status, { ...headers, 'content-length': bytes.length });
  res.end(bytes);
}
