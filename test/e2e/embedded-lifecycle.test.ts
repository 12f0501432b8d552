import { mkdtemp, rm, stat } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runningUrls, stopEmbedded } from '../../src/postgres/embedded/control.ts';
import { dataFolder } from '../../src/postgres/embedded/data-folder.ts';
import { openEmbedded } from '../../src/postgres/embedded/open.ts';
import { embeddedStatus } from '../../src/postgres/embedded/status.ts';
import { answers, runs, startHolder, until } from './embedded-holder.ts';

let home: string;
let dataDir: string;
beforeAll(async () => {
  home = await mkdtemp('/tmp/hrl-e2e-');
  dataDir = `${home}/data`;
});
afterAll(() => rm(home, { recursive: true, force: true }));

const isIdle = async () => {
  const { server, watchdog, holders } = await embeddedStatus(dataDir);
  return server === undefined && watchdog === undefined && holders.length === 0;
};

describe('the embedded server belongs to its data folder', () => {
  afterEach(() => until(isIdle));

  it('is adopted by a second process, and the last one out stops it', async () => {
    const first = await startHolder(dataDir);
    const second = await openEmbedded({ dataDir });
    expect(second.pid).toBe(first.opened.pid);
    expect(second.appUrl).toBe(first.opened.appUrl);
    const { holders } = await embeddedStatus(dataDir);
    expect(new Set(holders.map((holder) => holder.pid))).toEqual(new Set([first.process.pid, process.pid]));

    await first.close();
    expect(runs(second.pid)).toBe(true);
    expect(await answers(second.appUrl)).toBe(true);

    const { pid } = second;
    await second.close();
    await second.close();
    expect(runs(pid)).toBe(false);
    expect(await isIdle()).toBe(true);
  });

  it('keeps its address from one start to the next', async () => {
    const first = await openEmbedded({ dataDir });
    await first.close();
    const second = await openEmbedded({ dataDir });
    expect(second.pid).not.toBe(first.pid);
    expect(second.ownerUrl).toBe(first.ownerUrl);
    expect(await answers(second.ownerUrl)).toBe(true);
    await second.close();
  });

  it('is one server when four processes start at the same time', async () => {
    const four = await Promise.all([1, 2, 3, 4].map(() => startHolder(dataDir)));
    expect(new Set(four.map((each) => each.opened.pid)).size).toBe(1);
    expect((await embeddedStatus(dataDir)).holders).toHaveLength(4);
    await Promise.all(four.map((each) => each.close()));
    expect(await isIdle()).toBe(true);
  });

  it('serves many callers in one process that open and close over each other', async () => {
    const caller = async () => {
      for (let round = 0; round < 3; round++) {
        const server = await openEmbedded({ dataDir });
        expect(await answers(server.appUrl)).toBe(true);
        await server.close();
      }
    };
    await Promise.all([caller(), caller(), caller()]);
    expect(await isIdle()).toBe(true);
  });

  it('is stopped by the watchdog after kill -9 of its only holder', async () => {
    const holder = await startHolder(dataDir);
    await holder.kill();
    await until(isIdle);
    expect(runs(holder.opened.pid)).toBe(false);
  });

  it('is not stopped by the watchdog while another process holds it', async () => {
    const killed = await startHolder(dataDir);
    const server = await openEmbedded({ dataDir });
    await killed.kill();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(runs(server.pid)).toBe(true);
    expect(await answers(server.appUrl)).toBe(true);
    await server.close();
  });

  it('gets a new watchdog when its watchdog is killed', async () => {
    const server = await openEmbedded({ dataDir });
    const { watchdog } = await embeddedStatus(dataDir);
    if (watchdog === undefined) throw new Error('there is no watchdog');
    process.kill(watchdog, 'SIGKILL');
    await until(async () => ![undefined, watchdog].includes((await embeddedStatus(dataDir)).watchdog));
    expect(await answers(server.appUrl)).toBe(true);
    await server.close();
  });

  it('runs for whoever comes after all were killed, holder and watchdog, and is then stopped by the last one out', async () => {
    const holder = await startHolder(dataDir);
    const { watchdog } = await embeddedStatus(dataDir);
    if (watchdog === undefined) throw new Error('there is no watchdog');
    holder.process.kill('SIGSTOP');
    process.kill(watchdog, 'SIGKILL');
    await holder.kill();
    const server = await openEmbedded({ dataDir });
    expect(server.pid).toBe(holder.opened.pid);
    await server.close();
    expect(runs(holder.opened.pid)).toBe(false);
  });

  it('is stopped by hand when it was left over, and not while it is in use', async () => {
    const holder = await startHolder(dataDir);
    expect((await runningUrls(dataDir)).appUrl).toBe(holder.opened.appUrl);
    await expect(stopEmbedded(dataDir, () => {})).rejects.toMatchObject({
      code: 'postgres-in-use',
      message: expect.stringContaining(`${holder.process.pid}`),
    });
    const { watchdog } = await embeddedStatus(dataDir);
    if (watchdog === undefined) throw new Error('there is no watchdog');
    holder.process.kill('SIGSTOP');
    process.kill(watchdog, 'SIGKILL');
    await holder.kill();
    expect(await answers(holder.opened.appUrl)).toBe(true);
    expect(await stopEmbedded(dataDir, () => {})).toBe(true);
    expect(runs(holder.opened.pid)).toBe(false);
    expect(await stopEmbedded(dataDir, () => {})).toBe(false);
    await expect(runningUrls(dataDir)).rejects.toMatchObject({ code: 'postgres-not-running' });
  });

  it('is taken away when its folder is', async () => {
    const other = `${home}/removed`;
    const server = await startHolder(other);
    await until(async () => (await embeddedStatus(other)).watchdog !== undefined);
    const { watchdog } = await embeddedStatus(other);
    if (watchdog === undefined) throw new Error('there is no watchdog');
    // Awake only when it has waited for the lock that the starter held; when its heart has beaten twice, it knows the server.
    for (let beats = 0; beats < 2; beats++) {
      const { mtimeMs } = await stat(dataFolder(other).instance);
      await until(async () => (await stat(dataFolder(other).instance)).mtimeMs > mtimeMs);
    }
    await rm(other, { recursive: true, force: true });
    await server.kill();
    await until(() => !runs(server.opened.pid) && !runs(watchdog));
  });
});
