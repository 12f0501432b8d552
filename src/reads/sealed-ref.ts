import type { Bytes } from '../kernel/bytes.ts';
import type { EventId, StreamName } from '../kernel/id.ts';
import type { SealedRef } from '../vault/port.ts';

/** The columns of one sealed part as the driver gives them. */
interface SealedColumns {
  readonly commitment: Uint8Array | null;
  readonly keyId: string | null;
  readonly bytes: Uint8Array | null;
}

/** What the vault needs to open it; `undefined` where the row holds no such part: it was erased, or never given. */
export function sealedRef(
  stream: StreamName,
  id: EventId | null,
  type: string | null,
  { commitment, keyId, bytes }: SealedColumns,
): SealedRef | undefined {
  if (id === null || type === null || commitment === null || keyId === null || bytes === null) return undefined;
  return { stream, id, type, commitment: own(commitment), part: { keyId, bytes: own(bytes) } };
}

/** A copy: the driver's buffers are windows into what it received. */
function own(buffer: Uint8Array): Bytes {
  return Uint8Array.from(buffer);
}

interface PersonalColumns {
  readonly personalCommitment: Uint8Array | null;
  readonly personalKey: string | null;
  readonly personal: Uint8Array | null;
}

export function personalRef(
  stream: StreamName,
  id: EventId | null,
  type: string | null,
  row: PersonalColumns,
): SealedRef | undefined {
  return sealedRef(stream, id, type, {
    commitment: row.personalCommitment,
    keyId: row.personalKey,
    bytes: row.personal,
  });
}

interface RetainedColumns {
  readonly retainedCommitment: Uint8Array;
  readonly retainedKey: string;
  readonly retained: Uint8Array;
}

export function retainedRef(stream: StreamName, id: EventId, type: string, row: RetainedColumns): SealedRef {
  const part = { keyId: row.retainedKey, bytes: own(row.retained) };
  return { stream, id, type, commitment: own(row.retainedCommitment), part };
}
