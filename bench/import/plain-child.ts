import { openConnection } from '../../src/postgres/connection.ts';
import { openSql, type Sql } from '../../src/postgres/pools.ts';
import { answerParent } from '../support/child.ts';
import { copyIn, copyOut } from '../support/copying.ts';
import type { Round } from '../support/rounds.ts';

/**
 * The process that writes the same rows as an import did, made beforehand: into the same tables with the same indexes and triggers, without parsing,
 * hash, seal, claim or condition. `load` takes them out of a database; `insert` writes them as plain rows, `copy` by COPY.
 */
const TABLES = ['vault.stream_keys', 'vault.claims', 'vault.contents', 'events'] as const;
const ROWS = 500;

type PlainRow = Readonly<Record<string, string | number | bigint | boolean | Date | Buffer | null>>;
const rows = new Map<string, readonly PlainRow[]>();
const copies = new Map<string, readonly Buffer[]>();
let events = 0;

async function using<T>(url: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = openSql(url, { max: 4, applicationName: 'bench plain', statementTimeout: 0 });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function timed(url: string, work: (sql: Sql) => Promise<unknown>): Promise<Round> {
  return using(url, async (sql) => {
    // Connections are open before the clock starts, as an import's are.
    await Promise.all([1, 2, 3, 4].map(() => sql`select pg_sleep(0.05)`));
    const began = performance.now();
    await work(sql);
    return { done: events, seconds: (performance.now() - began) / 1000, latenciesMs: [], failures: [] };
  });
}

/** Batches of one table after the other, four under way at once, each a transaction that is synced. */
async function insertAll(sql: Sql): Promise<void> {
  const batches = TABLES.flatMap((table) => {
    const all = rows.get(table) ?? [];
    const count = Math.ceil(all.length / ROWS);
    return Array.from({ length: count }, (_, n) => ({ table, batch: all.slice(n * ROWS, (n + 1) * ROWS) }));
  });
  const work = batches.values();
  const insert = async (): Promise<void> => {
    for (const { table, batch } of work) await sql`insert into ${sql(table)} ${sql(batch)}`;
  };
  await Promise.all([insert(), insert(), insert(), insert()]);
}

answerParent({
  load: async (url: string) => {
    await using(url, async (sql) => {
      for (const table of TABLES) {
        rows.set(table, await sql<PlainRow[]>`select * from ${sql(table)}`);
        copies.set(table, await copyOut(sql, table));
      }
    });
    events = rows.get('events')?.length ?? 0;
  },
  insert: (url: string) => timed(url, insertAll),
  copy: (url: string) =>
    timed(url, async (sql) => {
      const connection = openConnection(sql, 'bench copy');
      try {
        for (const table of TABLES) await connection.run((own) => copyIn(own, table, copies.get(table) ?? []));
      } finally {
        await connection.end();
      }
    }),
  end: async () => {},
});
