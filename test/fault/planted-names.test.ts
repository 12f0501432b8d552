import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { runningUrls } from '../../src/postgres/embedded/control.ts';
import { openSql, type Sql } from '../../src/postgres/pools.ts';
import { startNodeProcess } from '../support/node-process.ts';
import type { Planted } from './planting.ts';
import { found, foundIn, spellingsOf } from './spellings.ts';

/** Every row of every table as text: what a page of the server holds compressed is seen here. */
async function rowsOf(sql: Sql): Promise<Buffer> {
  const tables = await sql<{ name: string }[]>`
    select quote_ident(schemaname) || '.' || quote_ident(tablename) as name
    from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`;
  expect(tables.length).toBeGreaterThan(15);
  const texts: string[] = [];
  for (const { name } of tables) {
    for (const { row } of await sql.unsafe<{ row: string }[]>(`select t::text as row from ${name} t`)) texts.push(row);
  }
  return Buffer.from(texts.join('\n'));
}

describe('names, numbers, addresses, titles, codes and contents', () => {
  it('are found nowhere: not in the data folder, write-ahead log included, not in any row, not in the log output', async () => {
    const home = await mkdtemp(join(tmpdir(), 'hrl-planted-'));
    const dataDir = join(home, 'data');
    const logFile = join(home, 'log');
    try {
      const config = readConfig({ NODE_ENV: 'test', LOG_LEVEL: 'silent', DATA_DIR: dataDir });
      const log = await open(logFile, 'w');
      const planting = startNodeProcess('fault/planting.ts', config, null, { file: log.fd, level: 'trace' });
      const { words, clear } = (await planting.lines[Symbol.asyncIterator]().next()).value as Planted;
      expect(words.length).toBeGreaterThan(15);

      const { adminUrl, appUrl } = await runningUrls(dataDir);
      const admin = openSql(new URL(new URL(appUrl).pathname, adminUrl).href, { max: 1, applicationName: 'test' });
      await admin`checkpoint`;
      expect(found('rows', await rowsOf(admin), words)).toEqual([]);
      await admin.end();
      const running = await foundIn(dataDir, words);
      expect(running.at).toEqual([]);

      planting.tell(null);
      expect(await planting.ended).toBe(0);
      await log.close();
      const stopped = await foundIn(dataDir, words);
      expect(stopped.at).toEqual([]);
      expect(found('log', await readFile(logFile), words)).toEqual([]);

      // The same search finds what does stand there, in the log of the database and in its tables; so it would have found the rest.
      expect(Math.min(running.bytes, stopped.bytes)).toBeGreaterThan(16 * 1024 * 1024);
      const there = (await foundIn(dataDir, [clear])).at.join('\n');
      expect(there).toMatch(/pg_wal/);
      expect(there).toMatch(/\/base\//);
      expect((await readFile(logFile, 'utf8')).length).toBeGreaterThan(100);
    } finally {
      await rm(home, { recursive: true, force: true, maxRetries: 10 });
    }
  }, 240_000);

  it('would be found in whichever spelling they stood, wherever in a longer text', () => {
    const word = '植名 Planted+Name/7';
    for (const before of ['', 'a', 'ab', 'abc', 'abcd']) {
      const text = `${before}${word}zz`;
      const utf8 = Buffer.from(text);
      const places = [
        utf8,
        Buffer.from(text, 'utf16le'),
        Buffer.from(utf8.toString('base64')),
        Buffer.from(utf8.toString('base64url')),
        Buffer.from(utf8.toString('hex')),
        Buffer.from(encodeURIComponent(text)),
      ];
      for (const place of places) expect(found('there', place, [word])).not.toEqual([]);
      expect(found('there', Buffer.from('something else'), [word])).toEqual([]);
    }
    expect([...spellingsOf(word).values()].every((spelling) => spelling.length > 8)).toBe(true);
  });
});
