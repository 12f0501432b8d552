import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type DataFolder, exists } from './data-folder.ts';
import { PostgresPasswordsMissing } from './faults.ts';
import { writePrivately } from './files.ts';

/** The three logins of an embedded cluster. */
export interface Passwords {
  /** `postgres`, superuser: creates databases in tests; no part of the ledger uses it. */
  readonly admin: string;
  /** `hrl_owner`: owns the tables, runs the migrations. */
  readonly owner: string;
  /** `hrl_server`, member of `hrl_app`: what the application runs as. */
  readonly app: string;
}

/** @throws PostgresPasswordsMissing */
export async function readPasswords(folder: DataFolder): Promise<Passwords> {
  try {
    const read: unknown = JSON.parse(await readFile(folder.passwords, 'utf8'));
    if (isPasswords(read)) return read;
  } catch (cause) {
    throw new PostgresPasswordsMissing(folder.passwords, cause);
  }
  throw new PostgresPasswordsMissing(folder.passwords);
}

/**
 * Passwords for a cluster that is about to be created: durable before the cluster is, so that none is ever without. Those that
 * an earlier attempt left are taken again.
 */
export async function preparePasswords(folder: DataFolder): Promise<Passwords> {
  if (await exists(folder.passwords)) return readPasswords(folder);
  const fresh = { admin: random(), owner: random(), app: random() };
  await writePrivately(folder.passwords, `${JSON.stringify(fresh, null, 2)}\n`, folder.owner);
  return fresh;
}

function random(): string {
  return randomBytes(24).toString('base64url');
}

/** Letters that are safe in SQL quotes and in a URL, as `random` makes them. */
function isPasswords(value: unknown): value is Passwords {
  if (typeof value !== 'object' || value === null) return false;
  const fields = Object.entries(value).filter(([name]) => ['admin', 'owner', 'app'].includes(name));
  return fields.length === 3 && fields.every(([, text]) => typeof text === 'string' && /^[\w-]{32}$/.test(text));
}
