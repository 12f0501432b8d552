import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { chown, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { APP_ROLE } from '../roles.ts';
import type { Binaries } from './binaries.ts';
import { type DataFolder, exists } from './data-folder.ts';
import { openData } from './data-handle.ts';
import { PostgresInitFailed } from './faults.ts';
import { type Account, hasCode, isMissing, syncFolder } from './files.ts';
import { type Passwords, preparePasswords } from './passwords.ts';
import { runTool, type ToolRun } from './tool.ts';

export const DATABASE = 'hrl';
export const OWNER_LOGIN = 'hrl_owner';
export const APP_LOGIN = 'hrl_server';
export const ADMIN_LOGIN = 'postgres';

const UNFINISHED = 'cluster.new-';

/** Everyone proves a password, on the socket as on loopback; nothing else is listened on. */
const HBA = 'local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n';

/** The major version of the cluster; undefined when there is none yet. */
export async function clusterMajor(folder: DataFolder): Promise<number | undefined> {
  try {
    return Number.parseInt(await readFile(`${folder.cluster}/PG_VERSION`, 'utf8'), 10);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * Creates the cluster with its roles and its empty database, if there is none. It is built under another name and renamed when
 * it is whole and synced: if the process stops before that, the next call begins again, and the half is removed by a later one at
 * the latest.
 * @throws PostgresInitFailed
 */
export async function ensureCluster(
  folder: DataFolder,
  binaries: Binaries,
  account: Account | undefined,
  log: (line: string) => void,
): Promise<void> {
  await sweepUnfinished(folder);
  if (await exists(folder.cluster)) return;
  log(`creating the database (PostgreSQL ${binaries.version})`);
  const passwords = await preparePasswords(folder);
  // A name of its own: the `initdb` of a process that was killed may live on for a while, in the folder that it was given.
  const fresh = `${folder.root}/${UNFINISHED}${randomBytes(4).toString('hex')}`;
  await mkdir(fresh, { mode: 0o700 });
  if (account !== undefined) await chown(fresh, account.uid, account.gid);

  const data = await openData(fresh, account);
  try {
    const options = { account, data };
    const init = [...initArguments(binaries), '-D', data.argument];
    expectSuccess(await runTool(`${binaries.bin}/initdb`, init, options));
    await writeHba(`${fresh}/pg_hba.conf`);
    const single = ['--single', '-j', '-D', data.argument, 'postgres'];
    const run = await runTool(`${binaries.bin}/postgres`, single, { ...options, input: roles(passwords) });
    expectSuccess(run);
    if (/^.*\b(?:ERROR|FATAL|PANIC):/m.test(run.output)) throw new PostgresInitFailed(withoutStatements(run.output));
  } finally {
    await data.close();
  }

  await syncTree(fresh);
  await rename(fresh, folder.cluster);
  await syncFolder(folder.root);
}

async function sweepUnfinished(folder: DataFolder): Promise<void> {
  for (const name of await readdir(folder.root)) {
    if (!name.startsWith(UNFINISHED)) continue;
    await rm(`${folder.root}/${name}`, { recursive: true, force: true }).catch((error: unknown) => {
      if (!hasCode(error, 'ENOTEMPTY')) throw error;
    });
  }
}

function initArguments(binaries: Binaries): readonly string[] {
  // C.UTF-8 orders by code point, the same on every machine. Where the system has no such locale, PostgreSQL 17 brings its own.
  const locale =
    process.platform === 'linux' || binaries.major < 17
      ? ['--locale=C.UTF-8']
      : ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  // `reject` until the passwords are set; pg_hba.conf is written after that. A password file would have to be readable by all.
  return [
    '--encoding=UTF8',
    ...locale,
    '--data-checksums',
    '--auth=reject',
    `--username=${ADMIN_LOGIN}`,
    '--no-instructions',
  ];
}

/** Run in single-user mode, before any network door exists. Passwords reach the disk as SCRAM verifiers only. */
function roles(passwords: Passwords): string {
  return [
    `ALTER ROLE ${ADMIN_LOGIN} PASSWORD '${passwords.admin}'`,
    `CREATE ROLE ${APP_ROLE} NOLOGIN`,
    `CREATE ROLE ${APP_LOGIN} LOGIN PASSWORD '${passwords.app}' IN ROLE ${APP_ROLE}`,
    `CREATE ROLE ${OWNER_LOGIN} LOGIN PASSWORD '${passwords.owner}'`,
    `CREATE DATABASE ${DATABASE} OWNER ${OWNER_LOGIN}`,
  ]
    .map((statement) => `${statement};\n\n`)
    .join('');
}

function expectSuccess(run: ToolRun): void {
  if (run.code !== 0) throw new PostgresInitFailed(withoutStatements(run.output) || `exit code ${run.code}`);
}

/** The lines that say what went wrong; a quoted statement could hold a password. */
function withoutStatements(output: string): string {
  const lines = output.split('\n').filter((line) => /error|fatal|panic|could not|not |invalid/i.test(line));
  return lines
    .filter((line) => !/STATEMENT|PASSWORD/.test(line))
    .slice(-4)
    .join(' ');
}

/** Root writes into a folder of the account here, so it follows no link that could have been put there. */
async function writeHba(path: string): Promise<void> {
  const file = await open(path, constants.O_WRONLY | constants.O_TRUNC | constants.O_NOFOLLOW);
  try {
    await file.writeFile(HBA);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The single-user server checkpoints when it ends; what it leaves to the system's leisure is the folders themselves. */
async function syncTree(path: string): Promise<void> {
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.isDirectory()) await syncTree(`${path}/${entry.name}`);
  }
  await syncFolder(path);
}
