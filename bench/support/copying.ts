import { openConnection } from '../../src/postgres/connection.ts';
import type { Sql } from '../../src/postgres/pools.ts';

/** A whole table as COPY gives it, in its binary form. On a connection of its own: after such a stream the driver's hangs (postgres 3.4.9). */
export async function copyOut(pool: Sql, table: string): Promise<readonly Buffer[]> {
  const connection = openConnection(pool, 'bench copy');
  try {
    return await connection.run(async (sql) => {
      const chunks: Buffer[] = [];
      for await (const chunk of await sql`copy ${sql(table)} to stdout (format binary)`.readable()) chunks.push(chunk);
      return chunks;
    });
  } finally {
    await connection.end();
  }
}

/** Puts such bytes into a table of the same columns; resolves once they are committed. `sql` is one connection. */
export async function copyIn(sql: Sql, table: string, chunks: readonly Buffer[]): Promise<void> {
  const stream = await sql`copy ${sql(table)} from stdin (format binary)`.writable();
  await new Promise<void>((resolve, reject) => {
    stream.once('error', reject).once('finish', resolve);
    for (const chunk of chunks) stream.write(chunk);
    stream.end();
  });
}
