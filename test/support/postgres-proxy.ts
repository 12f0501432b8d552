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
  /** Accepts connections again, and breaks none. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

export async function postgresProxy(serverUrl: string): Promise<PostgresProxy> {
  const target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  const silent = new Set<Socket>();
  let pending: { cut: Cut; left: number } | undefined;
  let cuts = 0;

  const server = createServer((client) => {
    const upstream = connect({ host: target.hostname, port: Number(target.port) });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        if (silent.has(client)) return;
        client.destroy();
        upstream.destroy();
      });
    }
    relay(client, upstream, (statement) => {
      if (pending === undefined || !pending.cut.statement.test(statement)) return undefined;
      const { when, thenSever = false } = pending.cut;
      if (when === 'silence') silent.add(client);
      cuts += 1;
      pending.left -= 1;
      if (pending.left === 0) {
        pending = undefined;
        if (thenSever) server.close();
      }
      return when;
    });
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
    restore: async () => {
      pending = undefined;
      if (!server.listening) await listen(port);
    },
    close: async () => {
      breakAll();
      if (server.listening) await promisify(server.close.bind(server))();
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
  let mute = false;

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
