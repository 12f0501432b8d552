import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { promisify } from 'node:util';

/** Which statement the connection breaks at, and on which side of it. */
export interface Cut {
  /** Tried on the text of each statement when it is executed. */
  readonly statement: RegExp;
  /**
   * `before`: the server never hears of it. `after`: the server has done it, its answer never arrives.
   * `silence`: the server never hears of it nor that the connection ended; the client hears nothing at all.
   */
  readonly when: 'before' | 'after' | 'silence';
  /** How many connections break so. 1 unless told. */
  readonly times?: number;
  /** After the last of them connections are refused until `restore`, as by a server that is down. */
  readonly thenSever?: boolean;
  /** Done at each of them before anything else happens, such as killing the process whose statement it is. */
  readonly also?: () => void;
}

/** A way to the server over loopback that breaks where it is told to. */
export interface PostgresProxy {
  /** The server's URL, through the proxy. */
  readonly url: string;
  /** Breaks the next connections at that statement. */
  cut(cut: Cut): void;
  /** How many connections were broken by `cut`. */
  readonly cuts: number;
  /** Breaks every connection and refuses new ones until `restore`. */
  sever(): void;
  /** Breaks every connection, as a router does that lost its state; new ones are let through. */
  reset(): void;
  /** Holds every byte back, both ways and on new connections too, and breaks nothing. */
  freeze(): void;
  /** Lets go what `freeze` held back. */
  thaw(): void;
  /** Ends a freeze for new connections only: those that were frozen stay silent for ever, and nobody tells either side. */
  abandon(): void;
  /** Holds every message back for so long, each way. 0: at once. */
  slow(ms: number): void;
  /** Accepts connections again, and breaks, holds back and slows none. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

export async function postgresProxy(serverUrl: string): Promise<PostgresProxy> {
  const target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  const silent = new Set<Socket>();
  let pending: { cut: Cut; left: number } | undefined;
  let cuts = 0;
  let frozen = false;
  let delayMs = 0;

  const server = createServer((client) => {
    const upstream = connect({ host: target.hostname, port: Number(target.port) });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      if (frozen) socket.pause();
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        if (silent.has(client)) return;
        client.destroy();
        upstream.destroy();
      });
    }
    relay(
      client,
      upstream,
      delayed(() => delayMs),
      (statement) => {
        if (pending === undefined || !pending.cut.statement.test(statement)) return undefined;
        const { when, thenSever = false, also } = pending.cut;
        also?.();
        if (when === 'silence') silent.add(client);
        cuts += 1;
        pending.left -= 1;
        if (pending.left === 0) {
          pending = undefined;
          if (thenSever) server.close();
        }
        return when;
      },
    );
  });
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;

  const url = new URL(serverUrl);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const thaw = (): void => {
    frozen = false;
    for (const socket of sockets) if (!silent.has(socket)) socket.resume();
  };
  return {
    url: url.href,
    cut: (cut) => {
      pending = { cut, left: cut.times ?? 1 };
    },
    get cuts() {
      return cuts;
    },
    sever: () => {
      server.close();
      breakAll();
    },
    reset: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    freeze: () => {
      frozen = true;
      for (const socket of sockets) socket.pause();
    },
    thaw,
    abandon: () => {
      frozen = false;
      // They are paused and stay so: neither side's bytes or end are ever read.
      for (const socket of sockets) silent.add(socket);
    },
    slow: (ms) => {
      delayMs = ms;
    },
    restore: async () => {
      pending = undefined;
      delayMs = 0;
      thaw();
      if (!server.listening) await listen(port);
    },
    close: async () => {
      breakAll();
      if (server.listening) await promisify(server.close.bind(server))();
    },
  };
}

/** Passes messages both ways and asks about each statement; the protocol is that of PostgreSQL 3.0 without TLS. */
function relay(
  client: Socket,
  upstream: Socket,
  deliver: (to: Socket) => (bytes: Buffer) => void,
  ask: (statement: string) => Cut['when'] | undefined,
): void {
  const toServer = deliver(upstream);
  const toClient = deliver(client);
  const prepared = new Map<string, string>();
  let unit: Buffer[] = [];
  let statement = '';
  /** ReadyForQuery that the server still owes. */
  let owed = 0;
  /** Of those, how many are still let through; after them the connection breaks. */
  let until = Number.POSITIVE_INFINITY;
  let deaf = false;
  let mute = false;

  function send(): void {
    toServer(Buffer.concat(unit));
    unit = [];
    statement = '';
  }

  client.on(
    'data',
    byMessage(true, (type, message) => {
      if (deaf) return;
      unit.push(message);
      if (type === 'P') {
        const [name = '', text = ''] = texts(message);
        prepared.set(name, text);
      }
      if (type === 'B') statement = prepared.get(texts(message)[1] ?? '') ?? '';
      if (type === 'Q') statement = texts(message)[0] ?? '';
      // Sync, Query and the start-up are answered by a ReadyForQuery; Flush, Terminate, passwords and COPY's rows only have to go now.
      if (!['S', 'Q', 'start', 'H', 'X', 'p', 'd', 'c', 'f'].includes(type)) return;
      const when = statement === '' ? undefined : ask(statement);
      deaf = when !== undefined;
      mute = when === 'silence';
      if (mute) return;
      if (when === 'before') {
        // The server works off what it has, and then hears that nobody is there.
        client.destroy();
        upstream.end();
        return;
      }
      if (when === 'after') until = owed;
      if (['S', 'Q', 'start'].includes(type)) owed += 1;
      send();
    }),
  );
  upstream.on(
    'data',
    byMessage(false, (type, message) => {
      if (mute) return;
      if (until > 0) toClient(message);
      if (type !== 'Z') return;
      owed -= 1;
      until -= 1;
      if (until < 0) {
        client.destroy();
        upstream.destroy();
      }
    }),
  );
}

/** Writes to a socket as late as is told, never one message before an earlier one. */
function delayed(delayMs: () => number): (to: Socket) => (bytes: Buffer) => void {
  return (to) => {
    const waiting: Buffer[] = [];
    let lastDue = 0;
    return (bytes) => {
      if (waiting.length === 0 && delayMs() === 0) return void to.write(bytes);
      waiting.push(bytes);
      const now = performance.now();
      lastDue = Math.max(now + delayMs(), lastDue);
      // Timers of different lengths that are due in one moment come in any order; bytes may not.
      setTimeout(() => {
        const oldest = waiting.shift();
        if (oldest !== undefined && !to.destroyed) to.write(oldest);
      }, lastDue - now);
    };
  };
}

/** Cuts a stream of bytes into messages: type (the start-up has none), length, body. */
function byMessage(hasStart: boolean, give: (type: string, message: Buffer) => void): (chunk: Buffer) => void {
  let bytes = Buffer.alloc(0);
  let start = hasStart;
  return (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    for (;;) {
      const head = start ? 0 : 1;
      if (bytes.length < head + 4) return;
      const length = head + bytes.readUInt32BE(head);
      if (bytes.length < length) return;
      const message = bytes.subarray(0, length);
      const type = start ? 'start' : String.fromCharCode(message[0] ?? 0);
      start = false;
      bytes = bytes.subarray(length);
      give(type, message);
    }
  };
}

/** The NUL-terminated texts at the beginning of a message's body. */
function texts(message: Buffer): string[] {
  return message.subarray(5).toString('latin1').split('\u0000', 2);
}
