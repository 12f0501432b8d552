import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** The door of a node: the port that clients know, on loopback. Behind it the gRPC server may go and come again. */
export interface Gateway {
  readonly port: number;
  /** Where what comes is handed on to; undefined: nobody is there, connections are refused. */
  leadTo(port: number | undefined): Promise<void>;
  /** Breaks every connection; new ones are let in. */
  drop(): void;
  /** Accepts connections and bytes, and holds every one of them, and every answer, until `thaw`, which hands them on in order. */
  freeze(): void;
  thaw(): void;
  /** Every byte arrives so much later, each way. 0: at once. */
  slow(ms: number): void;
  close(): Promise<void>;
}

/** One direction of a connection: what came and was not handed on, and whether the sender has gone since. */
interface Pipe {
  readonly to: Socket;
  readonly held: (Buffer | 'end')[];
}

/** `port` 0: any that is free. */
export async function openGateway(port: number): Promise<Gateway> {
  const pipes = new Set<Pipe>();
  const sockets = new Set<Socket>();
  let target: number | undefined;
  let frozen = false;
  let delayMs = 0;

  const handOn = ({ held, to }: Pipe): void => {
    const what = held.shift();
    if (what === 'end') to.destroySoon();
    else if (what !== undefined && !to.destroyed) to.write(what);
  };
  const carry = (from: Socket, to: Socket): void => {
    const pipe: Pipe = { to, held: [] };
    pipes.add(pipe);
    const hand = (what: Buffer | 'end'): void => {
      pipe.held.push(what);
      if (frozen) return;
      if (delayMs === 0) handOn(pipe);
      else setTimeout(() => frozen || handOn(pipe), delayMs);
    };
    sockets.add(from);
    from.setNoDelay(true);
    from.on('data', (chunk) => hand(chunk));
    from.on('error', () => {});
    from.on('close', () => {
      sockets.delete(from);
      hand('end');
      if (!frozen) pipes.delete(pipe);
    });
  };

  const server = createServer((client) => {
    const upstream = connect({ host: '127.0.0.1', port: target ?? 0 });
    carry(client, upstream);
    carry(upstream, client);
  });
  const listen = async (at: number): Promise<void> => {
    server.listen(at, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(port);
  const own = (server.address() as AddressInfo).port;
  const stopListening = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    drop();
    await closed;
  };
  const drop = (): void => {
    for (const pipe of pipes) pipe.held.length = 0;
    for (const socket of sockets) socket.destroy();
  };

  return {
    port: own,
    leadTo: async (next) => {
      target = next;
      if (next === undefined) await stopListening();
      else if (!server.listening) await listen(own);
    },
    drop,
    freeze: () => {
      frozen = true;
    },
    thaw: () => {
      frozen = false;
      for (const pipe of pipes) {
        while (pipe.held.length > 0) handOn(pipe);
        if (pipe.to.destroyed) pipes.delete(pipe);
      }
    },
    slow: (ms) => {
      delayMs = ms;
    },
    close: stopListening,
  };
}
