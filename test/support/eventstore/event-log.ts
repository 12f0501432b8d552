import { encodeRecord, type LogRecord, type UnplacedRecord } from './record.ts';

/** What $tb says in the metadata of a stream that was deleted softly. */
export const DELETED = 9_223_372_036_854_775_807n;

interface StreamMetadata {
  readonly truncateBefore: bigint | undefined;
  readonly maxCount: bigint | undefined;
}

interface Stream {
  readonly records: LogRecord[];
  tombstoned: boolean;
}

/** The server's log in memory with its indexes: what the writer has taken, and up to where it is durable, which is all that readers see. */
export interface EventLog {
  /** Takes the record at the end; it is readable once `durable` says so. */
  take(record: UnplacedRecord): { readonly record: LogRecord; readonly bytes: Buffer };
  /** Everything taken is on disk now; returns what readers did not see before. */
  durable(): readonly LogRecord[];
  /** Revision of the last event taken, -1n when there is none. */
  lastTaken(stream: string): bigint;
  takenAt(stream: string, revision: bigint): LogRecord | undefined;
  tombstoned(stream: string): boolean;
  /** What the stream's metadata says: the writer knows what it has taken, readers what is durable. */
  metadata(stream: string, who: 'writer' | 'reader'): StreamMetadata;
  /** What readers see of a stream, whatever its metadata hides: events by revision. */
  stream(stream: string): readonly LogRecord[];
  /** What readers see of the whole log, in order; records that are no events among them. */
  readonly all: readonly LogRecord[];
  /** Index in `all` of the first record at or after that position; `all.length` beyond the end. */
  indexAt(position: bigint): number;
}

export function eventLog(stored: readonly LogRecord[]): EventLog {
  const all: LogRecord[] = [];
  const streams = new Map<string, Stream>();
  const waiting: LogRecord[] = [];
  let end = 0n;
  let seen = 0n;

  const index = (record: LogRecord): void => {
    end = record.next;
    if (!record.visible) return;
    const stream = streams.get(record.stream) ?? { records: [], tombstoned: false };
    streams.set(record.stream, stream);
    stream.records.push(record);
    if (record.type === '$streamDeleted') stream.tombstoned = true;
  };
  for (const record of stored) {
    index(record);
    all.push(record);
  }
  seen = end;

  const indexAt = (position: bigint): number => {
    let low = 0;
    let high = all.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((all[middle]?.position ?? 0n) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  const visible = (name: string): readonly LogRecord[] => {
    const records = streams.get(name)?.records ?? [];
    const last = records.findLastIndex((record) => record.position < seen);
    return last + 1 === records.length ? records : records.slice(0, last + 1);
  };

  return {
    take: (unplaced) => {
      const bytes = encodeRecord(unplaced);
      const record = { ...unplaced, position: end, next: end + BigInt(bytes.length) };
      index(record);
      waiting.push(record);
      return { record, bytes };
    },
    durable: () => {
      const fresh = waiting.splice(0);
      for (const record of fresh) all.push(record);
      seen = end;
      return fresh;
    },
    lastTaken: (name) => {
      const stream = streams.get(name);
      return BigInt((stream?.records.length ?? 0) - (stream?.tombstoned === true ? 2 : 1));
    },
    takenAt: (name, revision) => streams.get(name)?.records[Number(revision)],
    tombstoned: (name) => streams.get(name)?.tombstoned === true,
    metadata: (name, who) => {
      const meta = `$$${name}`;
      return readMetadata((who === 'writer' ? streams.get(meta)?.records : visible(meta))?.at(-1));
    },
    stream: visible,
    all,
    indexAt,
  };
}

function readMetadata(record: LogRecord | undefined): StreamMetadata {
  const found: Record<string, unknown> = record === undefined ? {} : parsed(record.data);
  return { truncateBefore: asRevision(found.$tb), maxCount: asRevision(found.$maxCount) };
}

/** A number of the metadata. JSON knows no 64 bits: the greatest of them arrives rounded up, and means the same. */
function asRevision(value: unknown): bigint | undefined {
  if (typeof value !== 'number' || !Number.isInteger(value)) return undefined;
  const revision = BigInt(value);
  return revision > DELETED ? DELETED : revision;
}

function parsed(data: Uint8Array): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(data).toString('utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
}
