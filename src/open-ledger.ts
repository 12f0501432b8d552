import type { Config } from './config.ts';
import type { Clock, Entropy } from './kernel/ports.ts';
import type { LedgerProbe } from './kernel/probe.ts';
import type { Suite } from './kernel/suite.ts';
import { countingTail } from './ledger/counting-tail.ts';
import { openEventStoreLedger } from './ledger/eventstore/eventstore-ledger.ts';
import type { EngineName } from './ledger/home/faults.ts';
import { requireHome, writtenOnEventStore } from './ledger/home/home.ts';
import type { Ledger } from './ledger/port.ts';
import { postgresLedger } from './ledger/postgres/postgres-ledger.ts';
import { postgresStored } from './ledger/postgres/stored.ts';
import { postgresTail } from './ledger/postgres/tail.ts';
import { type StoredLedger, storedByPort } from './ledger/stored.ts';
import type { LedgerTail } from './ledger/tail.ts';
import type { Sql } from './postgres/pools.ts';

/** The ledger of the engine that the settings choose, and what else is asked of an engine. */
export interface OpenLedger {
  readonly ledger: Ledger;
  /** Everything as it stands, for whoever checks it. */
  readonly stored: StoredLedger;
  /** Where it ends, for `DATA_DIR/heads`. */
  readonly tail: LedgerTail;
  /** Throws `LedgerElsewhere` once it has been moved: what this process finds in it is no more the whole. */
  readonly stillHome: () => Promise<void>;
}

export interface LedgerOptions {
  readonly config: Config;
  /** What stands beside the ledger, and the Postgres engine's ledger itself; stays the caller's. */
  readonly sql: Sql;
  readonly suite: Suite;
  readonly entropy: Entropy;
  readonly clock: Clock;
  /** Opens what stands there without asking whose it is: for checking only. */
  readonly unclaimed: boolean;
  readonly timing: { readonly timeExpression?: string; readonly groupTimeoutMs?: number; readonly settleMs?: number };
  readonly probe?: LedgerProbe;
}

/** Throws `LedgerElsewhere`, `LedgerMoving`, and what the engines throw. */
export async function openLedger(options: LedgerOptions): Promise<OpenLedger> {
  const { config, sql, suite, entropy, clock, unclaimed, timing, probe } = options;
  const engine = engineOf(config);
  await requireHome(sql, engine, !unclaimed);
  const common = {
    identity: { origin: config.origin, suite: suite.name },
    suite,
    entropy,
    queueLimit: config.maxQueue,
    unclaimed,
    ...(probe === undefined ? {} : { probe }),
  };
  const opened = await openEngine();
  const overtakes = await writtenOnEventStore(sql, engine, opened.ledger.compare);
  const stored = overtakes === undefined ? opened.stored : { ...opened.stored, overtakes };
  return { ...opened, stored, stillHome: () => requireHome(sql, engine, false) };

  async function openEngine(): Promise<Omit<OpenLedger, 'stillHome'>> {
    if (config.eventStore === undefined) {
      const ledger = await postgresLedger(sql, { ...common, ...timing });
      return { ledger, stored: postgresStored(sql, ledger.identity), tail: postgresTail(sql) };
    }
    const { url, prefix } = config.eventStore;
    const settling = timing.settleMs === undefined ? {} : { settleMs: timing.settleMs };
    const ledger = await openEventStoreLedger(sql, { ...common, ...settling, connectionString: url, prefix, clock });
    return { ledger, stored: storedByPort(ledger), tail: countingTail(ledger) };
  }
}

const engineOf = ({ eventStore }: Config): EngineName => (eventStore === undefined ? 'postgres' : 'eventstore');

/** Whether nothing stands in the ledger that the settings choose. Changes nothing. Throws as `openLedger` does. */
export async function isLedgerEmpty(options: LedgerOptions): Promise<boolean> {
  await requireHome(options.sql, engineOf(options.config), false);
  if (options.config.eventStore === undefined) {
    const [row] = await options.sql<{ empty: boolean }[]>`select not exists (select from events) as empty`;
    return row?.empty === true;
  }
  const { ledger } = await openLedger({ ...options, unclaimed: true });
  try {
    return (await ledger.end()) === undefined;
  } finally {
    await ledger.close();
  }
}
