import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/** Somebody who came less than this ago may not be the last: what is just being accepted would be reset. */
const QUIET_MS = 250;
const LOOK_MS = 20;
/** How long a request that is not served may still send before it is answered. */
const DISCARD_MS = 2_000;

/** Who is connected to a server. */
export interface Callers {
  /** Resolves when nobody is connected and nobody came for a moment, or after that time. */
  gone(withinMs: number): Promise<void>;
}

export function callersOf(server: Server): Callers {
  const connected = new Set<Socket>();
  let cameLast = Number.NEGATIVE_INFINITY;
  server.on('connection', (socket) => {
    connected.add(socket);
    cameLast = performance.now();
    socket.once('close', () => connected.delete(socket));
  });
  const areGone = (): boolean => connected.size === 0 && performance.now() - cameLast > QUIET_MS;
  return {
    gone: (withinMs) =>
      new Promise((resolve) => {
        const ends = performance.now() + withinMs;
        const look = (): void => {
          if (areGone() || performance.now() >= ends) resolve();
          else setTimeout(look, LOOK_MS);
        };
        look();
      }),
  };
}

/**
 * What is left of a request, read to nowhere. An answer that is followed by the connection's end must wait for it: the system resets a
 * connection that is closed over unread bytes, and the answer is lost with it.
 */
export function discarded(req: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    if (req.complete || req.destroyed) return resolve();
    const timer = setTimeout(resolve, DISCARD_MS);
    for (const end of ['end', 'error', 'close'])
      req.once(end, () => {
        clearTimeout(timer);
        resolve();
      });
    req.resume();
  });
}
