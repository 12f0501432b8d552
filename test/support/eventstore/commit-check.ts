import { DELETED, type EventLog } from './event-log.ts';
import type { LogRecord } from './record.ts';

/** -1n is "no stream". */
export type Expected = bigint | 'any' | 'stream_exists';

export type CommitCheck =
  /** To be written after `revision`. `softDeleted`: the stream comes back to life with it. */
  | { readonly kind: 'write'; readonly revision: bigint; readonly softDeleted: boolean }
  /** These ids stand there already, in this order: acknowledged again with where they stand, whatever bytes came this time. */
  | { readonly kind: 'already'; readonly record: LogRecord }
  | { readonly kind: 'wrong-expected-version'; readonly current: bigint }
  | { readonly kind: 'stream-deleted' };

/** Where the writer met an id last, since the server started: all that "any revision" can be idempotent by. */
export type SeenIds = ReadonlyMap<string, LogRecord>;

/** What the server's writer does with an append or a deletion. `ids` in order; only ids are compared, never bytes. */
export function checkCommit(
  log: EventLog,
  seenIds: SeenIds,
  stream: string,
  expected: Expected,
  ids: readonly string[],
): CommitCheck {
  if (log.tombstoned(stream)) return { kind: 'stream-deleted' };
  const current = log.lastTaken(stream);
  const softDeleted = log.metadata(stream, 'writer').truncateBefore === DELETED;
  const write: CommitCheck = { kind: 'write', revision: current, softDeleted };
  const wrong: CommitCheck = { kind: 'wrong-expected-version', current };

  if (expected === 'stream_exists') {
    if (softDeleted) return { kind: 'stream-deleted' };
    if (current < 0n && log.lastTaken(`$$${stream}`) < 0n) return wrong;
  }
  if (expected === 'any' || expected === 'stream_exists') {
    const found = ids.map((id) => seenIds.get(id)).map((record) => (record?.stream === stream ? record : undefined));
    const first = found[0];
    const last = found.at(-1);
    if (first === undefined || last === undefined) return write;
    return found.includes(undefined) ? wrong : { kind: 'already', record: last };
  }
  if (expected > current) return wrong;
  if (expected === current) return write;

  let last: LogRecord | undefined;
  for (const [i, id] of ids.entries()) {
    const record = log.takenAt(stream, expected + BigInt(i) + 1n);
    if (record?.id === id) last = record;
    else return i === 0 && expected === -1n && softDeleted ? write : wrong;
  }
  return last === undefined ? wrong : { kind: 'already', record: last };
}
