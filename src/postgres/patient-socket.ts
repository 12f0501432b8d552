import { Socket } from 'node:net';

/** What the driver asks a socket with: one host and port, or several in turn, or a Unix socket. */
interface Address {
  readonly host: readonly string[];
  readonly port: readonly number[];
  readonly path?: string | false;
}

/** Looks at a socket this often within its patience: what is late by one look is late by a fifth. */
const LOOKS = 5;

/**
 * Makes the driver's sockets. One that was written to and brings not a single byte for so long is destroyed: a server that is frozen,
 * or a network that drops everything, breaks no connection by itself, and whoever waits for its answer would wait for ever, with
 * whatever they hold (a lane, a place in the pool, the projector's turn). `patienceMs` is longer than any statement may take, so a
 * server that lives has answered by then, if only that it gave the statement up. An idle socket owes nothing and is left alone.
 * Time is counted in looks, so that a process that was itself stopped does not blame its connections when it wakes up.
 * With an infinite patience it is only a socket that sends at once.
 * Under TLS the driver's own layer writes past this socket: there the patience of whoever asked (`answered`) is all.
 */
export function patientSocket(patienceMs: number): (address: Address) => Socket {
  let turn = 0;
  return ({ host, port, path }) => {
    const socket = new Socket();
    if (Number.isFinite(patienceMs)) watch(socket, patienceMs / LOOKS);
    // The driver writes small messages and waits for their answers: none of them is to be kept back for a fuller packet.
    socket.setNoDelay(true);
    if (typeof path === 'string') return socket.connect(path);
    const at = { host: host[turn % host.length] ?? 'localhost', port: port[turn % port.length] ?? 5432 };
    turn += 1;
    // The driver reads these where it names the server: in its faults, and in TLS.
    return Object.assign(socket, at).connect(at.port, at.host);
  };
}

function watch(socket: Socket, everyMs: number): void {
  /** What had been read when the oldest unanswered byte was written; undefined before the first. */
  let readThen: number | undefined;
  let looks = 0;
  const asked = (): void => {
    if (readThen !== undefined && socket.bytesRead <= readThen) return;
    readThen = socket.bytesRead;
    looks = 0;
  };
  // Where all that is written comes through, the last words of `end` too.
  const { _write, _writev } = socket;
  socket._write = (...args) => {
    asked();
    _write.apply(socket, args);
  };
  socket._writev = (...args) => {
    asked();
    _writev?.apply(socket, args);
  };
  const timer = setInterval(() => {
    if (socket.destroyed) return clearInterval(timer);
    if (readThen === undefined || socket.bytesRead > readThen) return;
    looks += 1;
    // The driver's code for a break, so that it is an outage to everybody above.
    if (looks > LOOKS) socket.destroy(Object.assign(new Error('the server says nothing'), { code: 'ETIMEDOUT' }));
  }, everyMs);
  timer.unref();
}
