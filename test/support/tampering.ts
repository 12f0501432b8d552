import { join } from 'node:path';
import type { Anchor } from '../../src/audit/anchor.ts';
import { type CheckDeps, checkLedger } from '../../src/audit/check-ledger.ts';
import type { Checked } from '../../src/audit/verdict.ts';
import type { Config } from '../../src/config.ts';
import type { StreamName } from '../../src/kernel/id.ts';
import type { LedgerIdentity, RecordedEvent } from '../../src/ledger/port.ts';
import type { Node } from '../../src/main.ts';
import type { Sql } from '../../src/postgres/pools.ts';
import { READ_MODELS } from '../../src/projector/read-models.ts';
import { stepCheck } from './check.ts';
import { asSuperuser, copyDatabase, type FreshDatabase } from './database.ts';
import { rehashed, replaceLedger, storedEvents, unlock } from './forge.ts';
import { newRequest, terms, value, worldOf } from './people.ts';
import { openTestNode, type TestNode } from './test-node.ts';

/** A small ledger of everything that tampering can be about, and an anchor of it that was kept elsewhere. */
export interface Story {
  readonly node: TestNode;
  readonly identity: LedgerIdentity;
  readonly anchor: Anchor;
  /** All events, in order. */
  readonly events: readonly RecordedEvent[];
  /** Granted, was read, revoked, and was refused to the same asker. */
  readonly anna: StreamName;
  /** Granted and revoked; nothing came after it in the stream, and nobody has seen it. */
  readonly ben: StreamName;
  close(): Promise<void>;
}

export async function tellStory(): Promise<Story> {
  const node = await openTestNode();
  const world = await worldOf(node);
  const [mercy, grace] = [await world.hospital('Mercy'), await world.hospital('Grace')];
  const [zhao, qian] = [await world.doctor(mercy), await world.doctor(grace)];
  const check = stepCheck(node.audit);
  await check.step();
  const [anna, ben] = [await world.resident('Anna'), await world.resident('Ben')];
  for (const patient of [anna, ben, anna]) await world.record(zhao, patient);
  await check.step();
  const consentId = await world.grant(anna, terms(grace));
  const asked = { code: anna.code, purpose: 'TREAT' };
  value(await node.platform.openRecords(qian.caller, asked));
  value(await node.platform.revokeConsent(anna.caller, newRequest(), { consentId }));
  const refused = await node.platform.openRecords(qian.caller, asked);
  if (refused.kind !== 'refusal') throw new Error('a revoked consent still serves');
  await check.step();
  const second = await world.grant(ben, terms(grace));
  value(await node.platform.revokeConsent(ben.caller, newRequest(), { consentId: second }));
  await world.hospital('Hope');
  await world.shown();
  const { anchor } = await check.end();
  const events: RecordedEvent[] = [];
  for await (const event of node.app.ledger.readAll()) events.push(event);
  await node.leave();
  const { identity } = node.app.ledger;
  return { node, identity, anchor, events, anna: anna.stream, ben: ben.stream, close: () => node.close() };
}

/** A copy of the story's database in the hands of its superuser. */
export interface Tampered {
  readonly sql: Sql;
  readonly database: FreshDatabase;
  /** What fsck says of it now; each call is a process of its own, with nothing in memory. */
  verdict(anchor?: Anchor): Promise<Checked>;
  events(): Promise<readonly RecordedEvent[]>;
  /** A node of its own over this copy, for checking unless told. */
  node(options?: { readonly audit?: boolean; readonly config?: Partial<Config> }): Promise<Node>;
  close(): Promise<void>;
}

let copies = 0;

export async function tamper({ node }: Story): Promise<Tampered> {
  const database = await copyDatabase(node.database);
  const sql = asSuperuser(database);
  await unlock(sql);
  // Each time somewhere else, where nothing was seen of the ledger yet: what a data folder has seen is tests of its own.
  const elsewhere = (): string => join(node.config.dataDir, `copy-${copies++}`);
  const own = { ...node.config, databaseUrl: database.url, databaseOwnerUrl: database.ownerUrl };
  const open: Tampered['node'] = ({ audit = true, config = {} } = {}) =>
    node.again({ config: { ...own, dataDir: elsewhere(), ...config }, audit });
  return {
    sql,
    database,
    events: () => storedEvents(sql),
    node: open,
    verdict: async (anchor) => {
      const auditor = await open();
      try {
        return await checkLedger(auditor.audit, anchor === undefined ? {} : { anchor });
      } finally {
        await auditor.close();
      }
    },
    close: async () => {
      await sql.end({ timeout: 1 });
      await database.drop();
    },
  };
}

/** Works on a copy of its own. */
export async function tampered<T>(story: Story, work: (copy: Tampered) => Promise<T>): Promise<T> {
  const copy = await tamper(story);
  try {
    return await work(copy);
  } finally {
    await copy.close();
  }
}

/** Rewrites the ledger around another list of events and mends all that needs no key, read tables included. */
export async function rewrite(
  { identity }: Story,
  copy: Tampered,
  change: (events: readonly RecordedEvent[]) => readonly RecordedEvent[],
  anewFrom?: number,
): Promise<void> {
  await replaceLedger(copy.sql, rehashed(identity, change(await copy.events()), anewFrom));
  await mendReadTables(copy);
}

/** Empties the read tables, so that the next node projects them anew from what stands in the ledger now; lets that node go on with its work. */
export async function mendReadTables(copy: Tampered, goOn?: (node: Node) => Promise<unknown>): Promise<void> {
  await copy.sql.unsafe(`truncate ${READ_MODELS.map(({ table }) => table).join(', ')}`);
  await copy.sql`update projectors set position = null, applied = 0, owner = null, lease_ends = '-infinity'`;
  await copy.sql`delete from vault.snapshots`;
  const node = await copy.node({ audit: false });
  try {
    await goOn?.(node);
    const end = await node.app.ledger.end();
    if (end !== undefined && !(await node.app.projected.waitFor(end, 20_000))) throw new Error('not projected');
  } finally {
    await node.close();
  }
}

/** One more event, in a stream of its own. */
export async function grow(node: Node): Promise<void> {
  const { regulator } = await worldOf(node);
  const identifiers = [{ system: 'urn:uscc', number: newRequest() }];
  value(await node.platform.registerInstitution(regulator, newRequest(), { identifiers, name: 'Later' }));
}

/** The same checks over and over on one open node, without the read tables. */
export const lightDeps = (node: Node): CheckDeps => {
  const { compareReadTables: _left, ...deps } = node.audit;
  return deps;
};

export function eventOf(story: Pick<Story, 'events'>, stream: StreamName, type: string): RecordedEvent {
  const found = story.events.findLast((event) => event.stream === stream && event.type === type);
  if (found === undefined) throw new Error(`the story has no ${type} there`);
  return found;
}

export const without = (events: readonly RecordedEvent[], gone: RecordedEvent): RecordedEvent[] =>
  events.filter(({ id }) => id !== gone.id);
