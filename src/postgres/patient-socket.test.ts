import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { patientSocket } from './patient-socket.ts';

const PATIENCE_MS = 200;

let server: Server;
let accepted: Socket[];
let open: Socket[];
beforeEach(async () => {
  accepted = [];
  open = [];
  server = createServer((socket) => {
    socket.on('error', () => {});
    accepted.push(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  for (const socket of [...accepted, ...open]) socket.destroy();
  server.close();
});

const address = () => ({ host: ['127.0.0.1'], port: [(server.address() as AddressInfo).port] });

/** A socket that was connected, with whoever accepted it. */
async function connected(): Promise<{ socket: Socket; peer: Socket; failed: () => unknown }> {
  const socket = patientSocket(PATIENCE_MS)(address());
  open.push(socket);
  let failure: unknown;
  socket.on('error', (error: unknown) => {
    failure = error;
  });
  socket.on('data', () => {});
  await once(socket, 'connect');
  await expect.poll(() => accepted.length).toBe(open.length);
  return { socket, peer: accepted[open.length - 1] as Socket, failed: () => failure };
}

describe('a patient socket', () => {
  it('whose server was asked and says nothing is broken, as by a network that is gone', async () => {
    const { socket, failed } = await connected();
    socket.write('question');
    const asked = performance.now();
    await expect.poll(() => socket.destroyed, { timeout: 5_000 }).toBe(true);
    expect(performance.now() - asked).toBeGreaterThan(PATIENCE_MS * 0.9);
    expect(failed()).toMatchObject({ code: 'ETIMEDOUT' });
  });

  it('that owes nobody an answer stays open: before the first word, and after each answer', async () => {
    const { socket, peer } = await connected();
    await sleep(3 * PATIENCE_MS);
    for (let i = 0; i < 3; i++) {
      socket.write('question');
      await sleep(PATIENCE_MS / 2);
      peer.write('answer');
      await sleep(2 * PATIENCE_MS);
    }
    expect(socket.destroyed).toBe(false);
  });

  it('counts from the last byte that it heard, not from the first that it wrote', async () => {
    const { socket, peer } = await connected();
    for (let i = 0; i < 6; i++) {
      socket.write('question');
      await sleep(PATIENCE_MS / 2);
      peer.write('a part of the answer');
    }
    await sleep(PATIENCE_MS / 2);
    expect(socket.destroyed).toBe(false);
  });

  it('is broken by an answer that stays away after others came, however soon after them it was asked for', async () => {
    const { socket, peer } = await connected();
    const answered = once(socket, 'data');
    socket.write('question');
    peer.write('answer');
    await answered;
    socket.write('another');
    await expect.poll(() => socket.destroyed, { timeout: 5_000 }).toBe(true);
  });

  it('told to end by us, goes also when the server never says goodbye', async () => {
    const { socket, peer } = await connected();
    peer.pause();
    socket.end('goodbye');
    await expect.poll(() => socket.destroyed, { timeout: 5_000 }).toBe(true);
  });

  it('goes to the hosts in turn', async () => {
    const make = patientSocket(PATIENCE_MS);
    const { port } = server.address() as AddressInfo;
    const turns = [0, 1, 2].map(() => make({ host: ['127.0.0.1', '127.0.0.2'], port: [port, port] }));
    open.push(...turns);
    for (const socket of turns) socket.on('error', () => {});
    expect(turns.map((socket) => (socket as Socket & { host?: string }).host)).toEqual([
      '127.0.0.1',
      '127.0.0.2',
      '127.0.0.1',
    ]);
  });
});
