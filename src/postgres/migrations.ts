import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { DatabaseNewer, DatabaseNotMigrated, MigrationChanged, MigrationsInvalid } from './faults.ts';

/** One file of `schema/migrations`: hand-readable SQL, applied once, never edited afterwards. */
export interface Migration {
  readonly name: string;
  readonly text: string;
  /** SHA-256, hex, of the text with `\n` line ends, so that a checkout with `\r\n` is the same migration. */
  readonly sha256: string;
}

/** A row of `schema_migrations`. */
export interface AppliedMigration {
  readonly name: string;
  readonly sha256: string;
}

const FOLDER = fileURLToPath(new URL('../../schema/migrations/', import.meta.url));
const NAME = /^(\d{4})_[a-z0-9_]+\.sql$/;
const QUOTED = /\$(\w*)\$[\s\S]*?\$\1\$|'(?:[^']|'')*'|"[^"]*"|--[^\n]*|\/\*[\s\S]*?\*\//g;
const ENDS_TRANSACTION = /(?:^|;)\s*(begin|start\s+transaction|commit|end|rollback|abort|prepare\s+transaction)\b/i;

/**
 * All migrations in the order of their numbers. Files that do not end in `.sql` are not looked at.
 * @throws MigrationsInvalid when a name is not NNNN_name.sql, two bear one number, or one would end its transaction itself
 *   (its record in `schema_migrations` is written in that transaction).
 */
export async function readMigrations(folder: string = FOLDER): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const seen = new Set<string>();
  const migrations: Migration[] = [];
  for (const name of names) {
    const number = NAME.exec(name)?.[1];
    if (number === undefined) throw new MigrationsInvalid(`${name} is not named NNNN_name.sql`);
    if (seen.has(number)) throw new MigrationsInvalid(`two files bear the number ${number}`);
    seen.add(number);
    const text = (await readFile(`${folder}/${name}`, 'utf8')).replaceAll('\r\n', '\n');
    const ends = ENDS_TRANSACTION.exec(text.replaceAll(QUOTED, ' '))?.[1];
    if (ends !== undefined)
      throw new MigrationsInvalid(`${name} says ${ends.toUpperCase()}; each file is one transaction`);
    migrations.push({ name, text, sha256: createHash('sha256').update(text).digest('hex') });
  }
  return migrations;
}

/**
 * What is still to be applied. What was applied must be the beginning of what there is, unchanged.
 * @throws MigrationChanged, DatabaseNewer, or MigrationsInvalid when a file was put in before one that was applied.
 */
export function pendingMigrations(
  all: readonly Migration[],
  applied: readonly AppliedMigration[],
): readonly Migration[] {
  const known = new Map(all.map((migration) => [migration.name, migration]));
  const unknown = applied.filter((row) => !known.has(row.name));
  if (unknown.length > 0) throw new DatabaseNewer(unknown.map((row) => row.name));
  for (const row of applied) {
    if (known.get(row.name)?.sha256 !== row.sha256) throw new MigrationChanged(row.name);
  }
  const names = new Set(applied.map((row) => row.name));
  const gap = all.slice(0, applied.length).find((migration) => !names.has(migration.name));
  if (gap !== undefined) throw new MigrationsInvalid(`${gap.name} stands before one that was applied already`);
  return all.slice(applied.length);
}

/** @throws DatabaseNotMigrated when anything is still to be applied, and what `pendingMigrations` throws. */
export function requireAll(all: readonly Migration[], applied: readonly AppliedMigration[]): void {
  const pending = pendingMigrations(all, applied);
  if (pending.length > 0) throw new DatabaseNotMigrated(pending.map((migration) => migration.name));
}
