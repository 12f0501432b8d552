import type { Logger } from 'pino';
import type { Caller } from './app/actor.ts';
import type { Platform } from './app/api.ts';
import type { App } from './app/app.ts';
import { acceptRestored } from './app/commands/accept-restored.ts';
import type { GateApp } from './app/gate/gate-app.ts';
import { localCaller } from './app/local-caller.ts';
import { openPlatform } from './app/open-platform.ts';
import { platformOf } from './app/platform.ts';
import { stateLoader } from './app/states.ts';
import type { CheckDeps } from './audit/check-ledger.ts';
import { findLacking, type HeadsKeeper, keepHeads, type Lacking } from './audit/heads/keeper.ts';
import type { ReplayDeps } from './audit/replay/replay.ts';
import { databaseClock } from './clock/database-clock.ts';
import type { Config } from './config.ts';
import { type Health, healthOf, lagMs } from './health.ts';
import { toBase64Url } from './kernel/base64.ts';
import type { Entropy } from './kernel/ports.ts';
import { type Probe, SILENT_PROBE } from './kernel/probe.ts';
import type { Ledger } from './ledger/port.ts';
import { isLedgerEmpty, openLedger } from './open-ledger.ts';
import { openDatabase } from './postgres/database.ts';
import { assertMigrated, migrate } from './postgres/migrate.ts';
import { assertDurable, openSql, type Sql, warnIfOwner } from './postgres/pools.ts';
import { compareWithRebuild } from './projector/compare.ts';
import { READ_MODELS } from './projector/read-models.ts';
import { ensureVersions } from './projector/rebuild.ts';
import { type Projector, startProjector } from './projector/runner.ts';
import { readPosition } from './projector/wait.ts';
import { gatedReads } from './reads/gated/gated-reads.ts';
import { openReads } from './reads/open/open-reads.ts';
import { nodeEntropy } from './suite-node/entropy.ts';
import { nodeSuite } from './suite-node/suite.ts';
import { startSweeping } from './sweeping.ts';
import type { Sources } from './telemetry/gauges.ts';
import { sweepContents } from './vault/content-sweep.ts';
import type { Keyring } from './vault/keyring.ts';
import { keyringFor } from './vault/keyring-file.ts';
import { openContent } from './vault/open-content.ts';
import { openPersonal, openPersonalEach } from './vault/open-personal.ts';
import { openRetainedEach } from './vault/open-retained.ts';
import { openVault } from './vault/vault.ts';

/** Everything wired together over one database. Every program of this project stands on one of these. */
export interface Node {
  readonly config: Config;
  readonly app: GateApp;
  readonly platform: Platform;
  readonly keyring: Keyring;
  /** Who works at the command line, in the operator's name; `program` says with what. Not under `audit`: then nothing is to be done. */
  local(program: string): Caller;
  readonly ownerUrl: string | undefined;
  readonly sql: Sql;
  /** What `checkLedger` and `replayLedger` stand on. */
  readonly audit: CheckDeps & ReplayDeps;
  readonly projector: Projector | undefined;
  /** What was lacking in the database and has been accepted, when `acceptRestored` said so and something was. */
  readonly accepted: Lacking | undefined;
  /** False in a ledger that nobody was registered in yet. */
  hasResidents(): Promise<boolean>;
  health(): Promise<Health>;
  /** What an operator's gauges show; counted anyway, and read when somebody looks. */
  readonly gauges: Omit<Sources, 'faults'>;
  /** Takes no new append, finishes what runs, gives back the lease and the embedded database. */
  close(): Promise<void>;
}

/** Each as in the parts that take them; theirs hold where nothing is told. */
export interface Timing {
  /** SQL that gives the ledger's time as a timestamptz. */
  readonly timeExpression?: string;
  readonly statementTimeout?: number;
  readonly groupTimeoutMs?: number;
  readonly settleMs?: number;
}

export interface NodeOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly entropy?: Entropy;
  /** Told of what happens, for the operator; nobody unless told. */
  readonly probe?: Probe;
  /** What the ledger goes by in time, where a test tells it otherwise. */
  readonly timing?: Timing;
  /** False for programs that need no read tables kept; another process, or the next start, keeps them. */
  readonly project?: boolean;
  /** Goes on with a database that lacks what was seen of it, and records that; without it such a database is not opened. */
  readonly acceptRestored?: { readonly reason: string };
  /** Opens for checking only, whatever state the ledger is in: nothing is migrated, claimed, appended, projected or swept. */
  readonly audit?: boolean;
}

/**
 * Opens database (embedded unless DATABASE_URL is set), migrations, keyring, ledger, vault, read tables and use cases, in this order.
 * Throws coded faults that say what to do next; whatever was opened before is closed again.
 */
export async function openNode({
  config,
  log,
  entropy = nodeEntropy,
  probe = SILENT_PROBE,
  timing = {},
  project = true,
  acceptRestored: accepting,
  audit = false,
}: NodeOptions): Promise<Node> {
  const closers: (() => Promise<unknown>)[] = [];
  const { statementTimeout, timeExpression, ...ledgerTiming } = timing;
  const time = timeExpression === undefined ? {} : { timeExpression };
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const database = await openDatabase(config, (line) => log.info(line));
    closers.push(() => database.close());
    const { appUrl, ownerUrl, embedded } = database;
    if (ownerUrl !== undefined && !audit) await migrate({ ownerUrl, appUrl, log: (line) => log.info(line) });
    const pool = (name: string, max: number): Sql => {
      const sql = openSql(appUrl, {
        max,
        applicationName: `hrl ${name}`,
        ...(statementTimeout === undefined ? {} : { statementTimeout }),
      });
      closers.push(() => sql.end({ timeout: 5 }));
      return sql;
    };
    const share = Math.max(2, Math.min(16, Math.floor(config.poolMax / 2)));
    const ledgerSql = pool('ledger', share);
    const sql = pool('app', share);
    await assertMigrated(sql);
    await assertDurable(sql);
    if (embedded === undefined) await warnIfOwner(sql, (message) => log.warn(message));

    const suite = nodeSuite;
    const { origin } = config;
    const clock = await databaseClock(sql, { probe, ...time });
    closers.push(() => clock.close());
    const opening = {
      config,
      sql: ledgerSql,
      suite,
      entropy,
      clock,
      unclaimed: audit,
      timing: { ...time, ...ledgerTiming },
      ...(probe === SILENT_PROBE ? {} : { probe }),
    };
    const { keyring, created } = await keyringFor({
      path: config.keyringFile,
      mayCreate: async () => embedded !== undefined && !audit && (await isLedgerEmpty(opening)),
      entropy,
    });
    if (created)
      log.info({ file: config.keyringFile }, 'a keyring was made: keep a backup of it apart from the database');

    let keeper: HeadsKeeper | undefined;
    // Behind the ledger's own closing, so that the last append is seen.
    closers.push(async () => keeper?.close());
    const { ledger, stored, tail, stillHome } = await openLedger(opening);
    closers.push(() => ledger.close());
    const heads = { dataDir: config.dataDir, origin, tail };
    // Before anything is appended: what a restored database lacks is not to be written over.
    const lacking = audit ? undefined : await findLacking(heads);
    if (lacking !== undefined && accepting === undefined) throw lacking.fault;
    const { vault, claims, contents, snapshots, tokens, counts } = openVault({
      sql,
      keyring,
      suite,
      entropy,
      origin,
      now: () => performance.now(),
    });
    const position = readPosition({ sql, ledger });
    closers.push(() => position.close());
    const openRetained = vault.openRetained;
    const states = stateLoader({
      ledger,
      snapshots,
      openRetained,
      clock,
      report: (what, { fold, trace, error }) =>
        log.warn({ what, fold, requestId: trace, err: error }, 'a snapshot was not used'),
    });
    closers.push(() => states.settled());
    const app: App = {
      ledger,
      vault,
      claims,
      contents,
      tokens,
      openRetained,
      states,
      projected: position,
      open: openReads(sql),
      clock,
      entropy,
      suite,
      region: config.region,
      probe,
    };
    const operator = audit ? undefined : (await openPlatform(app, suite, keyring)).operator;
    if (operator !== undefined) {
      if (lacking !== undefined && accepting !== undefined) {
        const caller = localCaller(app, 'accept-restore', operator);
        const recorded = await acceptRestored(app, caller, { ...lacking, ...accepting });
        if (recorded.kind === 'refusal') throw lacking.fault;
      }
      // Stopped before this: the file says what was seen, the start is refused again, and accepting again records nothing more.
      keeper = await keepHeads(heads, {
        report: (error) => log.error({ err: error }, 'what is seen of the ledger is not kept'),
      });
    }
    const gate: GateApp = {
      ...app,
      gated: gatedReads(sql),
      openPersonal: (parts) => openPersonal(vault, parts),
      openContent: (stream, id, hash) => openContent(vault, stream, id, hash),
    };

    const owner = toBase64Url(entropy.bytes(16));
    if (!audit) await bringUpToDate({ ownerUrl, sql, ledger, openRetained, owner });
    const projector =
      project && !audit
        ? startProjector({
            sql,
            ledger,
            openRetained,
            projections: READ_MODELS,
            owner,
            probe,
            report: (what, error) => {
              probe.projectorReported(what);
              log[error === undefined ? 'debug' : 'warn']({ what, err: error }, 'projector');
            },
          })
        : undefined;
    if (projector !== undefined) closers.push(() => projector.stop());
    if (!audit) {
      // Where the ledger has been moved, the events of contents written since stand in none that this process can see.
      const sweep = async () => {
        await stillHome();
        return sweepContents(sql, {
          known: async (id) => (await ledger.find(id)) !== undefined,
          inDoubt: () => false,
        });
      };
      closers.push(startSweeping({ sweep, probe, log }));
    }

    return {
      config,
      app: gate,
      platform: platformOf(gate),
      keyring,
      local: (program) => {
        if (operator === undefined) throw new Error('opened for checking only');
        return localCaller(app, program, operator);
      },
      ownerUrl,
      sql,
      projector,
      accepted: lacking,
      audit: {
        stored,
        suite,
        now: () => clock.now(),
        openRetained: (parts) => openRetainedEach(vault, parts),
        derivedId: (event, what) => vault.derivedId(event, what),
        openPersonal: (parts) => openPersonalEach(vault, parts),
        openContent: gate.openContent,
        lookUpClaims: (refs) => claims.lookup(refs),
        compareReadTables: async () => {
          const different = await compareWithRebuild({ sql, ledger, openRetained, projections: READ_MODELS });
          return different.map(({ table, missing, extra, different: changed }) => ({
            table,
            rows: missing + extra + changed,
          }));
        },
      },
      hasResidents: async () => {
        for await (const event of ledger.readAll()) if (event.type === 'identity.registered@1') return true;
        return false;
      },
      health: () => healthOf(app, position, projector),
      gauges: {
        queue: { limit: config.maxQueue, waiting: () => ledger.queued },
        projector: { state: () => projector?.state ?? 'absent', lagMs: () => lagMs(app, position) },
        vault: counts,
        dataDir: config.dataDir,
      },
      close,
    };
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
}

/** Read tables that another version of a projection has made are rebuilt beside the live ones before anything is served. */
async function bringUpToDate(of: {
  readonly ownerUrl: string | undefined;
  readonly sql: Sql;
  readonly ledger: Ledger;
  readonly openRetained: App['openRetained'];
  readonly owner: string;
}): Promise<void> {
  const { ownerUrl, ...rest } = of;
  const ownerSql =
    ownerUrl === undefined
      ? undefined
      : openSql(ownerUrl, { max: 2, applicationName: 'hrl rebuild', statementTimeout: 0 });
  try {
    await ensureVersions({ ...rest, projections: READ_MODELS, ...(ownerSql === undefined ? {} : { ownerSql }) });
  } finally {
    await ownerSql?.end({ timeout: 5 });
  }
}
