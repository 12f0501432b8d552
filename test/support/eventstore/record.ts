/** What one record of the server's log is, in memory and in its file. A position is the record's byte offset in the log. */
export interface LogRecord {
  readonly position: bigint;
  /** Where the next record begins. */
  readonly next: bigint;
  readonly stream: string;
  readonly revision: bigint;
  /** Lower case, hyphenated. */
  readonly id: string;
  readonly type: string;
  readonly json: boolean;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
  /** .NET ticks since 1970: 100 nanoseconds each. */
  readonly created: bigint;
  /** False for the record that an append of nothing leaves: it takes its place in the log and no reader ever sees it. */
  readonly visible: boolean;
  /** The last record of its append: appends are whole in the log or not there at all. */
  readonly last: boolean;
}

/** A record that has no place yet. */
export type UnplacedRecord = Omit<LogRecord, 'position' | 'next'>;

interface Header {
  readonly stream: string;
  readonly revision: string;
  readonly id: string;
  readonly type: string;
  readonly json: boolean;
  readonly created: string;
  readonly visible: boolean;
  readonly last: boolean;
  readonly dataBytes: number;
}

/** u32 length of the body; u32 length of the header; header as JSON; data; metadata; u32 length of the body again. */
export function encodeRecord(record: UnplacedRecord): Buffer {
  const { stream, id, type, json, visible, last } = record;
  const header: Header = {
    stream,
    revision: String(record.revision),
    id,
    type,
    json,
    created: String(record.created),
    visible,
    last,
    dataBytes: record.data.length,
  };
  const words = Buffer.from(JSON.stringify(header));
  const length = 4 + words.length + record.data.length + record.metadata.length;
  return Buffer.concat([u32(length), u32(words.length), words, record.data, record.metadata, u32(length)]);
}

/** The whole appends at the beginning of `bytes`; what follows the last whole one was being written when the server died. */
export function decodeRecords(bytes: Buffer): LogRecord[] {
  const records: LogRecord[] = [];
  let whole = 0;
  for (let at = 0; at + 8 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const end = at + 4 + length + 4;
    if (end > bytes.length || bytes.readUInt32BE(end - 4) !== length) break;
    const words = bytes.readUInt32BE(at + 4);
    const header = JSON.parse(bytes.toString('utf8', at + 8, at + 8 + words)) as Header;
    const dataAt = at + 8 + words;
    records.push({
      position: BigInt(at),
      next: BigInt(end),
      stream: header.stream,
      revision: BigInt(header.revision),
      id: header.id,
      type: header.type,
      json: header.json,
      data: bytes.subarray(dataAt, dataAt + header.dataBytes),
      metadata: bytes.subarray(dataAt + header.dataBytes, end - 4),
      created: BigInt(header.created),
      visible: header.visible,
      last: header.last,
    });
    if (header.last) whole = records.length;
    at = end;
  }
  return records.slice(0, whole);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
