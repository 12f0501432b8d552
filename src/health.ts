import type { App } from './app/app.ts';
import { toEpochMs } from './kernel/instant.ts';
import type { Position } from './ledger/port.ts';
import type { Projector } from './projector/runner.ts';
import type { ReadPosition } from './projector/wait.ts';

export interface Health {
  readonly ready: boolean;
  /** `projectorLag`: events that the read tables do not show yet, `COUNTED` at most; null when nobody can tell. */
  readonly checks: { readonly ledger: boolean; readonly database: boolean; readonly projectorLag: number | null };
}

/** Read tables that do not catch up within this time make a node not ready: reads would wait in vain. */
const MAX_LAG_MS = 1_000;
const COUNTED = 10_000;

/** What this node can tell of itself without failing. */
export async function healthOf(app: App, position: ReadPosition, projector: Projector | undefined): Promise<Health> {
  try {
    const end = await app.ledger.end();
    const caughtUp = end === undefined || (await position.waitFor(end, MAX_LAG_MS));
    const projectorLag = caughtUp ? 0 : await behind(app, await position.applied());
    // A projector that stopped by itself met an event that it cannot show: nothing after it will be shown either.
    const ready = caughtUp && projector?.state !== 'stopped';
    return { ready, checks: { ledger: true, database: true, projectorLag } };
  } catch {
    return { ready: false, checks: { ledger: false, database: false, projectorLag: null } };
  }
}

/** Age of the oldest event that the read tables do not show. */
export async function lagMs(app: App, position: ReadPosition): Promise<number> {
  const end = await app.ledger.end();
  const applied = await position.applied();
  if (end === undefined || (applied !== undefined && app.ledger.compare(applied, end) >= 0)) return 0;
  for await (const { time } of app.ledger.readAll(applied)) {
    return Math.max(0, toEpochMs(app.clock.now()) - toEpochMs(time));
  }
  return 0;
}

async function behind(app: App, applied: Position | undefined): Promise<number> {
  let events = 0;
  for await (const _event of app.ledger.readAll(applied)) if (++events >= COUNTED) break;
  return events;
}
