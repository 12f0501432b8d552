import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/app/outcome.ts';
import { type Config, readConfig } from '../../src/config.ts';
import { logger } from '../../src/log.ts';
import { type Node, openNode } from '../../src/main.ts';
import { embeddedStatus } from '../../src/postgres/embedded/status.ts';
import { runs, until } from '../e2e/embedded-holder.ts';
import { startNodeProcess } from '../support/node-process.ts';
import { CLEAN, type Resident, terms, verdictOn, worldOf } from '../support/people.ts';
import { SIZES } from '../support/sizes.ts';
import { type Acknowledged, type Appending, append, operationOf } from './appending.ts';

let home: string;
let config: Config;
let task: Omit<Appending, 'name' | 'count'>;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'hrl-kill-'));
  config = readConfig({ NODE_ENV: 'test', LOG_LEVEL: 'silent', DATA_DIR: join(home, 'data'), POOL_MAX: '8' });
  task = await opened(async (node) => {
    const world = await worldOf(node);
    const hospital = await world.hospital();
    const { caller: doctor } = await world.doctor(hospital);
    const residents: Resident[] = [];
    // More than the writers, and so many that none has more grants than one may have.
    for (let i = 0; i < 40; i++) residents.push(await world.resident());
    return { office: world.office, doctor, given: terms(hospital), residents };
  });
});
afterAll(() => rm(home, { recursive: true, force: true, maxRetries: 10 }));

/** Works on the folder's node, as one more process does, and gives it back. */
async function opened<T>(work: (node: Node) => Promise<T>): Promise<T> {
  const node = await openNode({ config, log: logger({ level: config.logLevel }) });
  try {
    return await work(node);
  } finally {
    await node.close();
  }
}

/** Lets another process append until so many are acknowledged, and does something then; resolves to all that it acknowledged. */
async function disturbed(of: Appending, at: number, disturb: (pid: number) => Promise<void>) {
  const appending = startNodeProcess('fault/appending.ts', config, of);
  const acknowledged = new Map<number, Outcome<unknown>>();
  for await (const line of appending.lines) {
    const { n, outcome } = line as Acknowledged;
    acknowledged.set(n, outcome);
    if (acknowledged.size === at) await disturb(appending.child.pid as number);
  }
  return { acknowledged, code: await appending.ended };
}

/**
 * What was acknowledged stands once and is answered so again; what was not, is not there or there as a whole, and is completed by
 * sending it again. Then the ledger is whole.
 */
async function expectWhole(of: Appending, acknowledged: ReadonlyMap<number, Outcome<unknown>>): Promise<void> {
  await opened(async (node) => {
    expect([...acknowledged.values()].every(({ kind }) => kind === 'done')).toBe(true);
    const events = () => eventsSince(node, of);
    const before = await events();
    for (const n of acknowledged.keys()) expect(before.get(n)).toBe(operationOf(n) === 'registerResident' ? 2 : 1);
    for (let n = 0; n < of.count; n++) {
      const again = await append(node.platform, of, n);
      expect(again.kind).toBe('done');
      if (acknowledged.has(n)) expect(again).toEqual(acknowledged.get(n));
    }
    const after = await events();
    for (const [n, count] of before) expect(after.get(n)).toBe(count);
    expect(after.size).toBe(of.count);
    expect(await verdictOn(node)).toMatchObject(CLEAN);
  });
}

/** How many events of each of the task's commands stand, by their derived ids. */
async function eventsSince(node: Node, of: Appending): Promise<Map<number, number>> {
  const commands = new Map<string, number>();
  for (let n = 0; n < of.count; n++) {
    const operation = operationOf(n);
    const resident = of.residents[n % of.residents.length] as Appending['residents'][number];
    const caller = { registerRecord: of.doctor, registerResident: of.office, grantConsent: resident.caller }[operation];
    const { issuer, subject } = caller.actor;
    for (const ordinal of [0, 1]) {
      const key = { issuer, subject, operation, requestId: `${of.name}-append-${n}` };
      commands.set(node.app.vault.commandId(key, ordinal), n);
    }
  }
  const found = new Map<number, number>();
  for await (const { id } of node.app.ledger.readAll()) {
    const n = commands.get(id);
    if (n !== undefined) found.set(n, (found.get(n) ?? 0) + 1);
  }
  return found;
}

/** Nothing of a folder runs any more: no server, no watchdog, no backend of the server that there was. */
async function expectNoOrphan(pids: readonly (number | undefined)[]): Promise<void> {
  await until(async () => {
    const { server, holders, watchdog } = await embeddedStatus(config.dataDir);
    return server === undefined && holders.length === 0 && watchdog === undefined;
  });
  await until(() => pids.every((pid) => pid === undefined || !runs(pid)));
}

const half = Math.floor(SIZES.killAppends / 2);

describe(`kill -9 during ${SIZES.killAppends} appends`, () => {
  it('of the process that appends: what it acknowledged stands, no append stands in part, and nothing of it runs on', async () => {
    const of: Appending = { ...task, name: 'killed-server', count: SIZES.killAppends };
    const pids: (number | undefined)[] = [];
    const { acknowledged, code } = await disturbed(of, half, async (pid) => {
      const { server, watchdog } = await embeddedStatus(config.dataDir);
      pids.push(pid, server?.pid, watchdog);
      process.kill(pid, 'SIGKILL');
    });
    expect(code).toBeNull();
    expect(acknowledged.size).toBeGreaterThanOrEqual(half);
    expect(acknowledged.size).toBeLessThan(SIZES.killAppends);
    await expectNoOrphan(pids);
    await expectWhole(of, acknowledged);
    await expectNoOrphan([]);
  }, 600_000);

  it('of Postgres: the process goes on by itself once the server is back, and everything is there once', async () => {
    const of: Appending = { ...task, name: 'killed-postgres', count: SIZES.killAppends };
    const pids: (number | undefined)[] = [];
    const { acknowledged, code } = await disturbed(of, half, async () => {
      const { server } = await embeddedStatus(config.dataDir);
      pids.push(server?.pid);
      process.kill(server?.pid as number, 'SIGKILL');
    });
    expect(code).toBe(0);
    expect(acknowledged.size).toBe(SIZES.killAppends);
    await expectNoOrphan(pids);
    await expectWhole(of, acknowledged);
    await expectNoOrphan([]);
  }, 600_000);
});
