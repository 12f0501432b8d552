import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runningUrls } from '../../src/postgres/embedded/control.ts';
import { openSql } from '../../src/postgres/pools.ts';
import { population } from '../../src/seed/population.ts';
import { dataFolder, run, type Served, serve, start } from '../support/programs.ts';

const RESIDENTS = 24;
/** Of about 600: somewhere among the residents, after the institutions and practitioners. */
const KILLED_AT = 250;

let folder: Awaited<ReturnType<typeof dataFolder>>;
let settings: Record<string, string>;
let served: Served | undefined;
beforeAll(async () => {
  folder = await dataFolder();
  settings = { DATA_DIR: folder.dataDir, SEED_RESIDENTS: String(RESIDENTS) };
});
afterAll(() => folder.end(...(served === undefined ? [] : [served])), 60_000);

/** How many events of each kind there are; nothing while there is no table yet. */
async function events(): Promise<ReadonlyMap<string, number>> {
  const sql = openSql((await runningUrls(folder.dataDir)).appUrl, { max: 1, applicationName: 'test' });
  try {
    const rows = await sql<{ type: string; n: number }[]>`select type, count(*)::integer as n from events group by 1`;
    return new Map(rows.map(({ type, n }) => [type, n]));
  } finally {
    await sql.end({ timeout: 1 });
  }
}
const sum = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((a, b) => a + b, 0);

describe('a first start that is killed while it makes up residents', () => {
  it('is completed by the next one: everybody, every record and every consent, once', async () => {
    const killed = start('start', [], { PORT: '0', ...settings });
    // Looked at while it lives: once it is dead, the watchdog stops the database.
    let before: ReadonlyMap<string, number> = new Map();
    while (sum(before) < KILLED_AT && killed.child.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      before = await events().catch(() => before);
    }
    killed.child.kill('SIGKILL');
    expect((await killed.ended).stdout).not.toContain('ready');
    expect(before.get('identity.registered@1')).toBeLessThan(RESIDENTS);

    served = await serve(settings);
    const after = await events();
    const people = [...population({ seed: 'first', residents: RESIDENTS })].flatMap((item) =>
      item.kind === 'resident' ? [item] : [],
    );
    const courses = people.flatMap(({ consents }) => consents.map(({ course }) => course));
    const having = (...wanted: string[]): number => courses.filter((course) => wanted.includes(course)).length;
    expect(Object.fromEntries(after)).toMatchObject({
      'identity.registered@1': RESIDENTS,
      'code.issued@1': RESIDENTS,
      'record.registered@1': people.reduce((n, { records }) => n + records.length, 0),
      'consent.requested@1': having('asked', 'denied', 'granted', 'revoked'),
      'consent.granted@1': having('given', 'granted', 'revoked'),
      'consent.denied@1': having('denied'),
      'consent.revoked@1': having('revoked'),
    });
    const { stdout } = await run('seed', ['--residents', String(RESIDENTS)], settings);
    expect(JSON.parse(stdout)).toEqual({
      residents: RESIDENTS,
      newResidents: 0,
      records: 0,
      consents: courses.length,
    });
    expect(sum(await events())).toBe(sum(after));
  });
});
