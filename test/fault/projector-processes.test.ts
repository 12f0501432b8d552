import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ledger } from '../../src/ledger/port.ts';
import { compareWithRebuild } from '../../src/projector/compare.ts';
import { READ_MODELS } from '../../src/projector/read-models.ts';
import { readPosition } from '../../src/projector/wait.ts';
import { mixedEvents } from '../support/any-events.ts';
import { appendPlain, openPlain } from '../support/plain-events.ts';
import { type LedgerDatabase, ledgerDatabase } from '../support/postgres-ledger.ts';
import { createTallies, tallied, tally } from '../support/tally.ts';

const WORKER = fileURLToPath(new URL('projector-worker.ts', import.meta.url));
const EVENTS = mixedEvents(400);
const ALL = [...READ_MODELS, tally()];
/** The lease lasts 3 s after its last renewal; whoever stands by looks every 0.3 s. The rest is for a busy machine. */
const TAKEOVER_MS = 6_000;

let db: LedgerDatabase;
let ledger: Ledger;
let children: ChildProcess[];

beforeEach(async () => {
  db = await ledgerDatabase();
  await createTallies(db.ownerSql);
  ledger = await db.open();
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await db.drop();
});

interface Worker {
  readonly child: ChildProcess;
  /** Everything that it has reported so far. */
  readonly lines: string[];
}

function start(owner: string): Worker {
  const child = spawn(process.execPath, ['--import', 'tsx', WORKER, db.url, owner], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  return { child, lines };
}

const hears = (worker: Worker, line: string, timeout = TAKEOVER_MS) =>
  expect.poll(() => worker.lines, { timeout, interval: 20 }).toContain(line);

async function ownerNow(): Promise<string | null> {
  const [row] = await db.sql<{ owner: string | null }[]>`select owner from projectors`;
  return row?.owner ?? null;
}

/** Two processes, of which the first projects. */
async function two(): Promise<{ first: Worker; second: Worker }> {
  const first = start('first');
  await hears(first, 'lease-taken', 20_000);
  const second = start('second');
  await hears(second, 'ready', 20_000);
  return { first, second };
}

async function expectEachAppliedOnce(): Promise<void> {
  const position = readPosition({ sql: db.sql, ledger });
  const end = await ledger.end();
  expect(end !== undefined && (await position.waitFor(end, 20_000))).toBe(true);
  await position.close();
  expect(await tallied(db.sql)).toBe(EVENTS.filter(({ event }) => event.type.startsWith('code.')).length);
  expect(await compareWithRebuild({ sql: db.sql, ledger, openRetained: openPlain, projections: ALL })).toEqual([]);
}

describe('two processes that project', () => {
  it('one is killed in the midst of its work: the other goes on behind its last batch', async () => {
    const { first, second } = await two();
    const appending = appendPlain(ledger, 'law', EVENTS.slice(0, 300));
    await expect.poll(() => tallied(db.sql), { timeout: 20_000, interval: 5 }).toBeGreaterThan(10);
    first.child.kill('SIGKILL');
    const killed = performance.now();
    await hears(second, 'lease-taken');
    expect(performance.now() - killed).toBeLessThan(TAKEOVER_MS);
    await appending;
    await appendPlain(ledger, 'more', EVENTS.slice(300));
    await expectEachAppliedOnce();
  });

  it('one is stopped in the midst of its work and wakes up later: it writes nothing on what the other has done', async () => {
    const { first, second } = await two();
    const appending = appendPlain(ledger, 'law', EVENTS.slice(0, 300));
    await expect.poll(() => tallied(db.sql), { timeout: 20_000, interval: 5 }).toBeGreaterThan(10);
    first.child.kill('SIGSTOP');
    await hears(second, 'lease-taken');
    await appending;
    first.child.kill('SIGCONT');
    await hears(first, 'lease-lost', 20_000);
    await appendPlain(ledger, 'more', EVENTS.slice(300));
    await expectEachAppliedOnce();
    expect(await ownerNow()).toBe('second');
  });

  it('one is told to end: it gives the lease back, and the other need not wait for its end', async () => {
    const { first, second } = await two();
    await appendPlain(ledger, 'law', EVENTS);
    first.child.kill('SIGTERM');
    await hears(second, 'lease-taken');
    await expectEachAppliedOnce();
    await expect.poll(() => first.child.exitCode, { timeout: 20_000 }).toBe(0);
  });
});
