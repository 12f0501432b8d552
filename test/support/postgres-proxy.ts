import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Which statement the connection breaks at, and on which side of it. */
export interface Cut {
  /** Tried on the text of each statement when it is executed. */
  readonly statement: RegExp;
  /** `before`: the server never hears of it. `after`: the server has done it, its answer never arrives. */
  readonly when: 'before' | 'after';
  /** How many connections break so. 1 unless told. */
  readonly times?: number;
  /** After the last of them no connection is accepted until `restore`. */
  readonly thenSever?: boolean;
}

/** A way to the server over loopback that breaks where it is told to. */
export interface PostgresProxy {
  /** The server's URL, through the proxy. */
  readonly url: string;
  /** Breaks the next connections at that statement. */
  cut(cut: Cut): void;
  /** How many connections were broken by `cut`. */
  readonly cuts: number;
  /** Breaks every connection and accepts none until `restore`. */
  sever(): void;
  /** Accepts connections again, and breaks none. */
  restore(): void;
  close(): Promise<void>;
}

export async function postgresProxy(serverUrl: string): Promise<PostgresProxy> {
  const target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let pending: { cut: Cut; left: number } | undefined;
  let cuts = 0;
  let severed = false;

  const server = createServer((client) => {
    if (severed) {
      client.destroy();
      return;
    }
    const upstream = connect({ host: target.hostname, port: Number(target.port) });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    relay(client, upstream, (statement) => {
      if (pending === undefined || !pending.cut.statement.test(statement)) return undefined;
      const { when, thenSever = false } = pending.cut;
      cuts += 1;
      pending.left -= 1;
      if (pending.left === 0) {
        pending = undefined;
        severed = thenSever;
      }
      return when;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const url = new URL(serverUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy();
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
      severed = true;
      breakAll();
    },
    restore: () => {
      severed = false;
      pending = undefined;
    },
    close: async () => {
      breakAll();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Passes messages both ways and asks about each statement; the protocol is that of PostgreSQL 3.0 without TLS. */
function relay(client: Socket, upstream: Socket, ask: (statement: string) => Cut['when'] | undefined): void {
  const prepared = new Map<string, string>();
  let unit: Buffer[] = [];
  let statement = '';
  /** ReadyForQuery that the server still owes. */
  let owed = 0;
  /** Of those, how many are still let through; after them the connection breaks. */
  let until = Number.POSITIVE_INFINITY;
  let deaf = false;

  function send(): void {
    upstream.write(Buffer.concat(unit));
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
      // Sync, Query and the start-up are answered by a ReadyForQuery; Flush, Terminate and passwords only have to go now.
      if (!['S', 'Q', 'start', 'H', 'X', 'p'].includes(type)) return;
      const when = statement === '' ? undefined : ask(statement);
      deaf = when !== undefined;
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
      if (until > 0) client.write(message);
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
