import { ADMIN_LOGIN, APP_LOGIN, DATABASE, OWNER_LOGIN } from './cluster.ts';
import type { DataFolder } from './data-folder.ts';
import { readPasswords } from './passwords.ts';

/** Addresses of an embedded server. They hold passwords: not for logs. */
export interface EmbeddedUrls {
  /** Logs in as `hrl_owner`: owns the tables, for migrations. */
  readonly ownerUrl: string;
  /** Logs in as `hrl_server`, a member of `hrl_app`: for everything else. */
  readonly appUrl: string;
  /** Logs in as superuser to the database `postgres`: for tests and rescue, never for the ledger. */
  readonly adminUrl: string;
}

/** @throws PostgresPasswordsMissing */
export async function embeddedUrls(folder: DataFolder, port: number): Promise<EmbeddedUrls> {
  const passwords = await readPasswords(folder);
  const url = (login: string, password: string, database: string) =>
    `postgres://${login}:${password}@127.0.0.1:${port}/${database}`;
  return {
    ownerUrl: url(OWNER_LOGIN, passwords.owner, DATABASE),
    appUrl: url(APP_LOGIN, passwords.app, DATABASE),
    adminUrl: url(ADMIN_LOGIN, passwords.admin, 'postgres'),
  };
}
