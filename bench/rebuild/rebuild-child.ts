import { importBundles } from '../../src/app/import/bundles.ts';
import { importPopulation } from '../../src/app/import/population.ts';
import { openConnection } from '../../src/postgres/connection.ts';
import { openSql, type Sql } from '../../src/postgres/pools.ts';
import { compareWithRebuild } from '../../src/projector/compare.ts';
import { READ_MODELS } from '../../src/projector/read-models.ts';
import { rebuild } from '../../src/projector/rebuild.ts';
import { accesses } from '../support/accesses.ts';
import { answerParent } from '../support/child.ts';
import { copyIn, copyOut } from '../support/copying.ts';
import type { Round } from '../support/rounds.ts';
import { openBenchNode } from '../support/server.ts';

/** The process that fills a ledger and then rebuilds its read tables: `fill`, then `rebuild`, `insert` and `copy` in any order. */
export interface Filling {
  readonly files: readonly string[];
  /** Residents of the seed, who have codes, records and consents. */
  readonly residents: number;
  readonly accesses: number;
}

const ROWS = 500;
const AT_ONCE = 64;

type PlainRow = Readonly<Record<string, string | number | bigint | Buffer | null>>;

const node = await openBenchNode(process.env);
const ownerSql = openSql(process.env.DATABASE_OWNER_URL ?? '', {
  max: 4,
  applicationName: 'bench rebuild',
  statementTimeout: 0,
});
const { app, sql } = node;
const models = { ledger: app.ledger, openRetained: app.openRetained, projections: READ_MODELS };
const tables = READ_MODELS.map(({ table }) => ({ table, beside: `${table}__bench` }));
const rows = new Map<string, readonly PlainRow[]>();
const copies = new Map<string, readonly Buffer[]>();
let events = 0;

async function fill({ files, residents, accesses: count }: Filling): Promise<number> {
  const caller = node.local('import');
  await importBundles(app, caller, { files });
  await importPopulation(app, caller, { seed: 'bench-rebuild', residents });
  const access = await accesses(app);
  let left = count;
  const one = async (): Promise<void> => {
    while (left-- > 0) await access();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  const end = await app.ledger.end();
  if (end === undefined || !(await app.projected.waitFor(end, 600_000))) throw new Error('the read tables never came');
  for (const { table } of tables) {
    rows.set(table, await sql<PlainRow[]>`select * from ${sql(table)}`);
    copies.set(table, await copyOut(sql, table));
  }
  events = (await sql<{ n: number }[]>`select count(*)::integer as n from events`)[0]?.n ?? 0;
  return events;
}

async function timed(work: () => Promise<unknown>): Promise<Round> {
  const began = performance.now();
  await work();
  return { done: events, seconds: (performance.now() - began) / 1000, latenciesMs: [], failures: [] };
}

/** Into tables of the live ones' shape and indexes, made before the clock starts. */
async function intoFresh(work: () => Promise<unknown>): Promise<Round> {
  for (const { table, beside } of tables) {
    await ownerSql`drop table if exists ${ownerSql(beside)}`;
    await ownerSql`create table ${ownerSql(beside)} (like ${ownerSql(table)} including all)`;
  }
  const round = await timed(work);
  for (const { beside } of tables) await ownerSql`drop table ${ownerSql(beside)}`;
  return round;
}

async function insertAll(on: Sql): Promise<void> {
  for (const { table, beside } of tables) {
    const all = rows.get(table) ?? [];
    for (let at = 0; at < all.length; at += ROWS) {
      await on`insert into ${on(beside)} ${on(all.slice(at, at + ROWS))}`;
    }
  }
}

answerParent({
  fill,
  rebuild: () => timed(() => rebuild({ ...models, ownerSql, owner: 'bench-rebuild-0000000' })),
  insert: () => intoFresh(() => insertAll(ownerSql)),
  copy: () =>
    intoFresh(async () => {
      const connection = openConnection(ownerSql, 'bench copy');
      for (const { table, beside } of tables)
        await connection.run((own) => copyIn(own, beside, copies.get(table) ?? []));
      await connection.end();
    }),
  /** How many tables differ from a rebuild of the live ones: none. */
  differing: async () => (await compareWithRebuild({ ...models, sql })).length,
  end: async () => {
    await ownerSql.end({ timeout: 1 });
    await node.close();
  },
});
