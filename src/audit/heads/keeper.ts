import { setTimeout as sleep } from 'node:timers/promises';
import { equalBytes } from '../../kernel/bytes.ts';
import type { LedgerEnd, LedgerTail } from '../../ledger/tail.ts';
import { DatabaseRestored, HeadsUnreadable } from './faults.ts';
import { compareSeen, type Seen } from './seen.ts';
import { readSeen, seenPath, sweepStrays, writeSeen } from './seen-file.ts';

/** How often the file follows a ledger that grows. */
const EVERY_MS = 1_000;
/** So long a closing waits for the last look. */
const CLOSING_MS = 5_000;

export interface HeadsOptions {
  readonly dataDir: string;
  readonly origin: string;
  readonly tail: LedgerTail;
}

/** What a data folder lacks in its database: what it had seen, if its file can be read, and what stands there. */
export interface Lacking {
  readonly expected: Seen | undefined;
  readonly found: LedgerEnd | undefined;
  readonly fault: DatabaseRestored | HeadsUnreadable;
}

/** Looks whether the database has what was seen from this folder. Undefined: it has, or nothing was seen from here yet. */
export async function findLacking({ dataDir, origin, tail }: HeadsOptions): Promise<Lacking | undefined> {
  let seen: Seen | undefined;
  try {
    seen = await readSeen(seenPath(dataDir, origin), origin);
  } catch (error) {
    if (!(error instanceof HeadsUnreadable)) throw error;
    return { expected: undefined, found: (await tail.look(0n)).last, fault: error };
  }
  if (seen === undefined) return undefined;
  const { kind, found } = await compareSeen(tail, seen);
  if (kind === 'there') return undefined;
  return { expected: seen, found, fault: new DatabaseRestored(seen.size, found?.size ?? 0n) };
}

export interface HeadsKeeper {
  /** Writes what stands there now, if the database says it in time, and ends. */
  close(): Promise<void>;
}

/**
 * Keeps in the data folder how far its ledger goes. The file is written from what the database shows to others, which is durable, so it may
 * lag behind the ledger and never leads. A database that is changed for another one while this runs is reported, and nothing is
 * written any more: the next start refuses it. Throws `HeadsUnwritable`, `LedgerUnavailable`.
 */
export async function keepHeads(
  { dataDir, origin, tail }: HeadsOptions,
  { report, everyMs = EVERY_MS }: { readonly report: (error: unknown) => void; readonly everyMs?: number },
): Promise<HeadsKeeper> {
  const path = seenPath(dataDir, origin);
  let seen: Seen | undefined;
  let lost = false;

  async function look(): Promise<void> {
    if (lost) return;
    const { last, at } = await tail.look(seen?.size ?? 0n);
    if (seen !== undefined && (at === undefined || !equalBytes(at, seen.leaf))) {
      lost = true;
      throw new DatabaseRestored(seen.size, last?.size ?? 0n);
    }
    if (last === undefined || last.size === seen?.size) return;
    await writeSeen(path, { origin, ...last });
    seen = { origin, ...last };
  }

  await sweepStrays(path);
  await look();
  let running: Promise<void> = Promise.resolve();
  let idle = true;
  const timer = setInterval(() => {
    if (!idle) return;
    idle = false;
    running = look()
      .catch(report)
      .finally(() => {
        idle = true;
      });
  }, everyMs);
  timer.unref();
  return {
    close: async () => {
      clearInterval(timer);
      await running;
      // A database that is away must not keep a process from ending; what it would have said is only that the file lags.
      await Promise.race([look().catch(report), sleep(CLOSING_MS, undefined, { ref: false })]);
    },
  };
}
