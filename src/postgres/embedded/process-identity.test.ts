import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { identityOf, isAlive, ownIdentity } from './process-identity.ts';

it('knows itself and a child, by names of their own', async () => {
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  const other = identityOf(child.pid ?? 0);
  expect(isAlive(ownIdentity().text)).toBe(true);
  expect(other?.text).not.toBe(ownIdentity().text);
  expect(isAlive(other?.text ?? '')).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isAlive(other?.text ?? '')).toBe(false);
  expect(identityOf(child.pid ?? 0)).toBeUndefined();
});

it('takes a zombie for dead: nobody may have waited for it', async () => {
  // The shell starts a child and becomes a program that waits for nobody, before the child ends.
  const shell = spawn('sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = await once(shell.stdout, 'data');
  const pid = Number(String(line));
  await expect.poll(() => identityOf(pid), { timeout: 2_000 }).toBeUndefined();
  // Its pid is taken all the same, which is what a signal would tell.
  expect(() => process.kill(pid, 0)).not.toThrow();
  shell.kill('SIGKILL');
});

it('takes a reused pid for another process', () => {
  expect(isAlive(`${process.pid}.earlier`)).toBe(false);
});

it.each(['', 'x', '0.a', '-1.a', '1e9.a', '99999999999999999999.a'])('takes no identity from the text "%s"', (text) => {
  expect(isAlive(text)).toBe(false);
});
