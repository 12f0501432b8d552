import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { EventId } from '../../src/kernel/id.ts';
import type { VerifiedLedger } from '../support/verify-ledger.ts';
import type { WriterLine, WriterOrder } from './postgres-writer.ts';

/** What a writing process has said so far. */
export interface WriterProcess {
  readonly pid: number;
  readonly begun: readonly (readonly EventId[])[];
  readonly acknowledged: ReadonlyMap<EventId, string>;
  readonly refused: ReadonlyMap<EventId, string>;
  /** When each was acknowledged, in milliseconds of the machine's clock. */
  readonly at: ReadonlyMap<string, number>;
  /** Resolves with the exit code, or null when it was killed; every line has been read then. */
  readonly ended: Promise<number | null>;
}

const SCRIPT = fileURLToPath(new URL('./postgres-writer.ts', import.meta.url));

export function startWriter(order: WriterOrder): WriterProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const begun: (readonly EventId[])[] = [];
  const acknowledged = new Map<EventId, string>();
  const refused = new Map<EventId, string>();
  const at = new Map<string, number>();
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (text) => {
    let line: WriterLine;
    try {
      line = JSON.parse(text) as WriterLine;
    } catch {
      return; // The process was killed in the middle of a line: nobody was told.
    }
    if (line.kind === 'begun') begun.push(line.ids);
    else if (line.kind === 'acknowledged') {
      for (const [id, leafHash] of line.events) {
        acknowledged.set(id, leafHash);
        at.set(id, line.at);
      }
    } else for (const id of line.ids) refused.set(id, line.code);
  });
  const read = once(lines, 'close');
  const exited = once(child, 'exit');
  const ended = (async () => {
    const [code] = await exited;
    await read;
    return code as number | null;
  })();
  if (child.pid === undefined) throw new Error('the writer did not start');
  return { pid: child.pid, begun, acknowledged, refused, at, ended };
}

/**
 * What was acknowledged stands once, with the leaf hash that was told; what was refused does not stand, unless its fate was said to
 * be unknown; of no append a part stands; and nothing stands that nobody began.
 */
export function expectKept(verified: VerifiedLedger, writers: readonly WriterProcess[]): void {
  const { byId, events } = verified;
  for (const { begun, acknowledged, refused } of writers) {
    for (const [id, leafHash] of acknowledged) {
      expect(Buffer.from(byId.get(id)?.leafHash ?? []).toString('hex')).toBe(leafHash);
    }
    for (const [id, code] of refused)
      if (code !== 'append-unknown') expect([code, byId.has(id)]).toEqual([code, false]);
    for (const ids of begun) expect(new Set(ids.map((id) => byId.has(id))).size).toBe(1);
  }
  const known = new Set(writers.flatMap(({ begun }) => begun.flat()));
  expect(events.filter(({ id }) => !known.has(id))).toEqual([]);
}
