import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { databaseClock } from './clock/database-clock.ts';
import type { Config } from './config.ts';
import type { Bytes } from './kernel/bytes.ts';
import { type Compared, compareLedgers } from './ledger/copy/compare.ts';
import { copyEvents, type EventPutter } from './ledger/copy/copy-events.ts';
import { CopyIncomplete } from './ledger/copy/faults.ts';
import { openEventStoreLedger } from './ledger/eventstore/eventstore-ledger.ts';
import { eventStorePutter } from './ledger/eventstore/put-events.ts';
import { LedgerCorrupt } from './ledger/faults.ts';
import { type EngineName, LedgerAbsent, LedgerElsewhere } from './ledger/home/faults.ts';
import { readHome } from './ledger/home/home.ts';
import {
  abortMove,
  beginMove,
  claimedIds,
  finishMove,
  isAnyUnsettled,
  lastMove,
  lockMoves,
  type Move,
  shownEvents,
  stillForMs,
} from './ledger/home/move.ts';
import type { Ledger } from './ledger/port.ts';
import { postgresLedger } from './ledger/postgres/postgres-ledger.ts';
import { postgresPutter } from './ledger/postgres/put-events.ts';
import { postgresTail } from './ledger/postgres/tail.ts';
import { type Connection, openConnection } from './postgres/connection.ts';
import { openDatabase } from './postgres/database.ts';
import { migrate } from './postgres/migrate.ts';
import { openSql, type Sql } from './postgres/pools.ts';
import { SettingInvalid } from './settings.ts';
import { nodeEntropy } from './suite-node/entropy.ts';
import { nodeSuite } from './suite-node/suite.ts';

/** A configuration with both engines in it. */
export type TwoEngines = Config & { readonly eventStore: NonNullable<Config['eventStore']> };

/** What is done at this moment: what the target holds is compared, the rest is copied, all of it is compared. */
export type Stage = 'compared' | 'copied' | 'verified';

export interface CopyOptions extends Move {
  readonly config: TwoEngines;
  readonly log: Logger;
  /** Told how many events are done of about how many. */
  readonly onProgress?: (stage: Stage, events: bigint, of: bigint) => void;
}

export interface Copied extends Move {
  /** Events of the ledger, and those of them that this call has copied. */
  readonly events: bigint;
  readonly copied: bigint;
  /** RFC 6962, the same in both. */
  readonly root: Bytes;
  /** It had been moved before; nothing was done. */
  readonly already: boolean;
}

/** An append through an EventStoreDB server is answered for within ten seconds after it was begun; whoever heard nothing by then is told that nobody knows. */
const ANSWERED_MS = 15_000;
/** The source stands still, so a second round is for what came to stand late, and for read tables that went on. */
const ROUNDS = 5;

/**
 * Moves the ledger of a database to the other engine: the same events in the same order, so the same root; from the beginning of the copying
 * until the end nobody may append. Killed at any moment, it is called again and goes on; what had been copied is compared first.
 * Throws `LedgerAbsent`, `LedgerElsewhere`, `LedgerMoving`, `SourceWritable`, `CopyRunning`, `TargetDiffers`, `CopyIncomplete`, and the faults of
 * the engines; the ledger then lives where it lived.
 */
export function copyLedger(options: CopyOptions): Promise<Copied> {
  const { from, to, config, log } = options;
  return withOwner(config, log, async (owned) => {
    const { owner, sql, appUser } = owned;
    await lockMoves(owner);
    const home = await readHome(sql);
    if (home === undefined) throw new LedgerAbsent();
    if (home.engine !== from) {
      const last = home.movingTo === null ? await lastMove(owner) : undefined;
      if (last?.from !== from || last.to !== to) throw new LedgerElsewhere(home.engine, from);
      return { from, to, events: last.size, root: last.root, copied: 0n, already: true };
    }
    const engines = await openEngines(owned, config);
    try {
      const [source, target] = [engines.ledgers[from], engines.ledgers[to]];
      const size = await sizeOf(owned, from);
      const tell = (stage: Stage) => (events: bigint) => options.onProgress?.(stage, events, size);
      let there = await compareLedgers(source, target, { suite: nodeSuite, onProgress: tell('compared') });
      // Up to here nothing was changed.
      await beginMove(owner, { from, to }, appUser);
      const putter = engines.putter(to, there.size);
      let copied = 0n;
      const copyRest = async (): Promise<void> => {
        const before = copied;
        const told = tell('copied');
        copied += await copyEvents(source, putter, there.sourceEnd, (events) => told(there.size + events));
        log.debug({ events: (copied - before).toString() }, 'copied');
      };
      try {
        for (let round = 1; round <= ROUNDS; round++) {
          await copyRest();
          if (from === 'eventstore') await untilSettled(owner);
          const shown = await shownEvents(owner);
          there = await compareLedgers(source, target, {
            suite: nodeSuite,
            wanted: shown,
            onProgress: tell('verified'),
          });
          if (there.more) continue;
          if (await finish(owner, { from, to }, there, shown))
            return { from, to, events: there.size, root: there.root, copied, already: false };
        }
        throw new CopyIncomplete(there.size);
      } finally {
        await putter.close();
      }
    } finally {
      await engines.close();
    }
  });
}

/** Gives a move up: the ledger lives where it lived, and may be appended to. Throws `LedgerAbsent`, `NothingMoves`, `CopyRunning`. */
export function abortCopy(config: Config, log: Logger): Promise<EngineName> {
  return withOwner(config, log, async ({ owner }) => {
    await lockMoves(owner);
    return abortMove(owner);
  });
}

function finish(owner: Connection, move: Move, there: Compared, shown: bigint): Promise<boolean> {
  if (shown > there.size) throw new LedgerCorrupt(`its read tables show ${shown} events, and it has ${there.size}`);
  return finishMove(owner, move, {
    size: there.size,
    root: there.root,
    fromEnd: there.sourceEnd,
    toEnd: there.targetEnd,
    shown,
    shownAt: there.wantedAt,
  });
}

/**
 * While ids stand in `requests` that no event bears, an append of them may be under way from a process that claimed them before the right to
 * was gone. After this nobody will be told any more that one of them stands.
 */
async function untilSettled(owner: Connection): Promise<void> {
  while (await isAnyUnsettled(owner)) {
    const left = ANSWERED_MS - (await stillForMs(owner));
    if (left <= 0) return;
    await sleep(Math.min(left, 500));
  }
}

interface Owned {
  /** One connection for what must be one after the other. */
  readonly owner: Connection;
  readonly sql: Sql;
  readonly appUser: string;
}

async function withOwner<T>(config: Config, log: Logger, work: (owned: Owned) => Promise<T>): Promise<T> {
  const database = await openDatabase(config, (line) => log.info(line));
  try {
    const { ownerUrl, appUrl } = database;
    if (ownerUrl === undefined) {
      throw new SettingInvalid(
        'DATABASE_OWNER_URL',
        'is needed: only the owner of the tables may take the right to append away',
        'set it to the database’s URL as its owner',
      );
    }
    await migrate({ ownerUrl, appUrl, log: (line) => log.info(line) });
    const sql = openSql(ownerUrl, { max: 4, applicationName: 'hrl copy', statementTimeout: 0 });
    const owner = openConnection(sql, 'hrl copy', true);
    try {
      return await work({ owner, sql, appUser: decodeURIComponent(new URL(appUrl).username) });
    } finally {
      await owner.end();
      await sql.end({ timeout: 5 });
    }
  } finally {
    await database.close();
  }
}

interface Engines {
  readonly ledgers: { readonly [E in EngineName]: Ledger };
  putter(to: EngineName, size: bigint): EventPutter;
  close(): Promise<void>;
}

/** Both engines’ ledgers as they are, wherever it lives; each is told whose it is, if it is empty. */
async function openEngines({ sql }: Owned, { origin, eventStore }: TwoEngines): Promise<Engines> {
  const suite = nodeSuite;
  const clock = await databaseClock(sql);
  const common = { identity: { origin, suite: suite.name }, suite, entropy: nodeEntropy };
  const server = { connectionString: eventStore.url, prefix: eventStore.prefix };
  try {
    const postgres = await postgresLedger(sql, common);
    const eventstore = await openEventStoreLedger(sql, { ...common, ...server, clock });
    return {
      ledgers: { postgres, eventstore },
      putter: (to, size) =>
        to === 'postgres' ? postgresPutter(sql, size) : eventStorePutter(sql, { ...common, ...server }),
      close: async () => {
        await Promise.all([postgres.close(), eventstore.close()]);
        await clock.close();
      },
    };
  } catch (error) {
    await clock.close();
    throw error;
  }
}

/** About how many events the source has. */
async function sizeOf({ owner, sql }: Owned, engine: EngineName): Promise<bigint> {
  return engine === 'postgres' ? ((await postgresTail(sql).look(0n)).last?.size ?? 0n) : claimedIds(owner);
}
