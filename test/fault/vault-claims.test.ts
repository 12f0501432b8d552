import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeSuite } from '../../src/suite-node/suite.ts';
import { postgresClaims } from '../../src/vault/claims.ts';
import { type FreshDatabase, freshDatabase } from '../support/database.ts';
import { keyring } from '../support/vaults.ts';
import { documentOf, type WorkerResult, type WorkerTask } from './vault-claims-worker.ts';

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.drop());

const WORKER = fileURLToPath(new URL('vault-claims-worker.ts', import.meta.url));

/** Starts a process; its results come one by one, until it has ended. */
function start(task: WorkerTask): {
  child: ChildProcess;
  results: AsyncIterable<string>;
  ended: Promise<number | null>;
} {
  const child = spawn(process.execPath, ['--import', 'tsx', WORKER], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(task));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, results: createInterface({ input: child.stdout }), ended };
}

async function all(task: WorkerTask): Promise<readonly WorkerResult[]> {
  const { results, ended } = start(task);
  const found: WorkerResult[] = [];
  for await (const line of results) found.push(JSON.parse(line) as WorkerResult);
  expect(await ended).toBe(0);
  return found;
}

describe('claims of two processes', () => {
  const claims = () => postgresClaims({ sql: db.sql, suite: nodeSuite, keyring });

  it('on the same people at one moment: no document has two holders, no answer is untrue', async () => {
    // Overlapping groups of a small world: most are shown by both processes, in other orders and company.
    const group = (i: number, step: number) => [`D${i % 60}`, `D${(i * step + 7) % 60}`, `D${(i + step) % 60}`];
    const people = (step: number) => Array.from({ length: 150 }, (_, i) => group(step === 1 ? i : 149 - i, step));
    const both = await Promise.all([
      all({ url: db.url, name: 'one', people: people(1) }),
      all({ url: db.url, name: 'two', people: people(2) }),
    ]);
    const results = both.flat();
    expect(results).toHaveLength(300);
    const numbers = Array.from({ length: 60 }, (_, i) => `D${i}`);
    const held = await claims().lookup(numbers.map(documentOf));
    const holder = new Map(numbers.map((number, i) => [number, held[i]]));
    const taken = results.filter((one) => one.result !== 'conflict');
    expect(taken.length).toBeGreaterThan(10);
    expect(taken.length).toBeLessThan(300);
    for (const { numbers: shown, result } of results) {
      const holders = new Set(shown.map((number) => holder.get(number)));
      // A claim never changes its holder, so what was answered then is so now.
      if (result === 'conflict') expect([...holders].filter((one) => one !== undefined).length).toBeGreaterThan(1);
      else expect([...holders]).toEqual([result.subject]);
    }
    expect(
      await db.sql`select 1 from vault.claims group by kind, blind_index having count(distinct subject) > 1`,
    ).toEqual([]);
  });

  it('one of which is killed in the middle: each person has all claims or none, and the other goes on', async () => {
    const people = Array.from({ length: 3_000 }, (_, i) => [`K${i}a`, `K${i}b`, `K${i}c`]);
    const { child, results, ended } = start({ url: db.url, name: 'killed', people });
    let answered = 0;
    const acknowledged: WorkerResult[] = [];
    for await (const line of results) {
      acknowledged.push(JSON.parse(line) as WorkerResult);
      if (++answered === 200) child.kill('SIGKILL');
    }
    expect(await ended).toBeNull();
    // The server may still be working on what it was sent before.
    const connected = () => db.ownerSql`select 1 from pg_stat_activity where application_name = 'killed'`;
    while ((await connected()).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const held = await claims().lookup(people.flat().map(documentOf));
    let whole = 0;
    for (const i of people.keys()) {
      const [a, b, c] = held.slice(3 * i, 3 * i + 3);
      expect([b, c]).toEqual([a, a]);
      if (a !== undefined) whole++;
    }
    expect(whole).toBeGreaterThanOrEqual(200);
    expect(whole).toBeLessThan(3_000);
    for (const { numbers, result } of acknowledged) {
      expect(await claims().take(numbers.map(documentOf), 'somebody else')).toEqual(result);
    }
    const unfinished = people.filter((_, i) => held[3 * i] === undefined).slice(0, 20);
    for (const numbers of unfinished) {
      expect(await claims().take(numbers.map(documentOf), 'the next')).toEqual({ subject: 'the next' });
    }
  });
});
