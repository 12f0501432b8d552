import { connect, type Socket } from 'node:net';

/** One connection that is kept, with one request on its way at a time. */
export interface HttpCaller {
  /** The body of the answer; rejects for every status but 200. */
  post(token: string, body: string): Promise<string>;
  close(): void;
}

/**
 * As little as a caller can do: what the load process spends is taken from the two cores that it measures. Knows of HTTP what our own
 * server says: `content-length`, and nothing in parts.
 */
export async function httpCaller(url: string): Promise<HttpCaller> {
  const { hostname, port, pathname } = new URL(url);
  const socket: Socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', () => resolve());
    socket.once('error', reject);
  });
  let received: Buffer[] = [];
  let waiting: { resolve: (body: string) => void; reject: (error: Error) => void } | undefined;
  let missing = 0;

  const fail = (error: Error): void => {
    waiting?.reject(error);
    waiting = undefined;
    socket.destroy();
  };
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the connection was closed')));
  socket.on('data', (chunk: Buffer) => {
    received.push(chunk);
    if (missing > chunk.length) {
      missing -= chunk.length;
      return;
    }
    const all = received.length === 1 ? chunk : Buffer.concat(received);
    const end = all.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = all.toString('latin1', 0, end);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1]);
    if (Number.isNaN(length)) return fail(new Error('an answer without content-length'));
    missing = end + 4 + length - all.length;
    if (missing > 0) return;
    missing = 0;
    received = [];
    const done = waiting;
    waiting = undefined;
    const body = all.toString('utf8', end + 4);
    if (head.startsWith('HTTP/1.1 200 ')) done?.resolve(body);
    else done?.reject(new Error(`${head.slice(9, 12)} ${body.slice(0, 200)}`));
  });

  return {
    post: (token, body) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(
          `POST ${pathname} HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer ${token}\r\n` +
            `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        );
      }),
    close: () => {
      socket.removeAllListeners('close');
      socket.end();
    },
  };
}
