import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { identityOf } from './process-identity.ts';
import { withLock } from './token-lock.ts';

let home: string;
let lock: string;
beforeEach(async () => {
  home = await mkdtemp(`${tmpdir()}/hrl-lock-`);
  lock = `${home}/lock`;
});
afterEach(() => rm(home, { recursive: true }));

/** A process that has ended: its identity was a living one's. */
async function deadProcess(): Promise<string> {
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  const identity = child.pid === undefined ? undefined : identityOf(child.pid);
  if (identity === undefined) throw new Error('sleep did not start');
  child.kill('SIGKILL');
  await once(child, 'exit');
  return identity.text;
}

/** Reads, waits, writes: loses counts whenever two are inside at once. */
async function count(): Promise<void> {
  const before = Number(await readFile(`${home}/counter`, 'utf8').catch(() => '0'));
  await sleep(Math.random() * 3);
  await writeFile(`${home}/counter`, `${before + 1}`);
}

it('lets one in at a time, also when all come first', async () => {
  await Promise.all(Array.from({ length: 20 }, () => withLock(lock, count)));
  expect(await readFile(`${home}/counter`, 'utf8')).toBe('20');
});

it('is given back when the action fails, and passes the failure on', async () => {
  const failure = new Error('of the action');
  await expect(withLock(lock, () => Promise.reject(failure))).rejects.toBe(failure);
  expect(await withLock(lock, async () => 'in')).toBe('in');
});

it('is taken over from a dead holder by exactly one of all who wait', async () => {
  await withLock(lock, async () => {});
  await rename(`${lock}/free`, `${lock}/${await deadProcess()}.0a0a0a`);
  await Promise.all(Array.from({ length: 20 }, () => withLock(lock, count)));
  expect(await readFile(`${home}/counter`, 'utf8')).toBe('20');
  expect(await readdir(lock)).toEqual(['free']);
});

it('is taken over from a holder whose pid went to another process', async () => {
  await withLock(lock, async () => {});
  await rename(`${lock}/free`, `${lock}/${process.pid}.other-start.0a0a0a`);
  expect(await withLock(lock, async () => 'in', 1_000)).toBe('in');
});

it('names the living holder to whoever has waited too long', async () => {
  const entered = withLock(lock, () => sleep(300));
  await sleep(50);
  await expect(withLock(lock, async () => {}, 50)).rejects.toMatchObject({
    code: 'postgres-lock-timeout',
    message: expect.stringContaining(`${process.pid}`),
  });
  await entered;
});

it('leaves no trace of those who lost the making of it', async () => {
  await Promise.all(Array.from({ length: 10 }, () => withLock(lock, async () => {})));
  expect((await readdir(home)).filter((name) => name.startsWith('lock'))).toEqual(['lock']);
});
