import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Migration, pendingMigrations, readMigrations, requireAll } from './migrations.ts';

const file = (name: string, sha256 = name): Migration => ({ name, text: '', sha256 });
const three = [file('0001_a.sql'), file('0002_b.sql'), file('0003_c.sql')];

describe('what is still to be applied', () => {
  it('is what follows the part that was applied', () => {
    expect(pendingMigrations(three, three.slice(0, 1)).map((each) => each.name)).toEqual(['0002_b.sql', '0003_c.sql']);
    expect(pendingMigrations(three, [])).toEqual(three);
    expect(pendingMigrations(three, three)).toEqual([]);
  });

  it('is refused when an applied file reads differently', () => {
    const applied = [file('0001_a.sql', 'other')];
    expect(() => pendingMigrations(three, applied)).toThrow(expect.objectContaining({ code: 'migration-changed' }));
  });

  it('is refused when the database knows more than the code', () => {
    const applied = [...three, file('0004_d.sql')];
    expect(() => pendingMigrations(three, applied)).toThrow(expect.objectContaining({ code: 'database-newer' }));
  });

  it('is refused when a file was put in before one that was applied', () => {
    const applied = [file('0002_b.sql')];
    expect(() => pendingMigrations(three, applied)).toThrow(expect.objectContaining({ code: 'migrations-invalid' }));
  });

  it('is told by name when the application meets a database that lacks it', () => {
    expect(() => requireAll(three, three.slice(0, 2))).toThrow(
      expect.objectContaining({ code: 'database-not-migrated', missing: ['0003_c.sql'] }),
    );
    expect(() => requireAll(three, three)).not.toThrow();
  });
});

describe('the folder of migrations', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(`${tmpdir()}/hrl-migrations-`);
  });
  afterEach(() => rm(folder, { recursive: true }));
  const put = (name: string, text = 'select 1;') => writeFile(`${folder}/${name}`, text);
  const invalid = expect.objectContaining({ code: 'migrations-invalid' });

  it('is read in the order of its numbers, without what is no SQL', async () => {
    await put('0010_later.sql');
    await put('0002_sooner.sql');
    await put('README.md');
    expect((await readMigrations(folder)).map((each) => each.name)).toEqual(['0002_sooner.sql', '0010_later.sql']);
  });

  it('hashes the same with either kind of line end', async () => {
    await put('0001_a.sql', 'select 1;\nselect 2;\n');
    await put('0002_b.sql', 'select 1;\r\nselect 2;\r\n');
    const [a, b] = await readMigrations(folder);
    expect(a?.sha256).toBe(b?.sha256);
    expect(a?.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is refused when a name has no number or two have one', async () => {
    await put('first.sql');
    await expect(readMigrations(folder)).rejects.toEqual(invalid);
    await rm(`${folder}/first.sql`);
    await put('0001_a.sql');
    await put('0001_b.sql');
    await expect(readMigrations(folder)).rejects.toEqual(invalid);
  });

  it.each(['COMMIT;', 'select 1; rollback ;', 'begin;\nselect 1;\nend;', '/* x */ start  transaction;'])(
    'is refused when a file would end its own transaction: %s',
    async (text) => {
      await put('0001_a.sql', text);
      await expect(readMigrations(folder)).rejects.toEqual(invalid);
    },
  );

  it('takes the same words inside functions, comments, strings and names', async () => {
    await put(
      '0001_a.sql',
      `-- commit; don't
       create function f() returns trigger language plpgsql as $body$ begin return new; end; $body$;
       create table t ("end" text default ';commit;', x text check (x <> ''';rollback;'));`,
    );
    expect(await readMigrations(folder)).toHaveLength(1);
  });
});
