import { accessMissed } from '../../src/domain/access/events.ts';
import { consentRequested } from '../../src/domain/consent/events.ts';
import { toBase64Url } from '../../src/kernel/base64.ts';
import type { Bytes } from '../../src/kernel/bytes.ts';
import { type EventId, residentStream, type StreamName, toEventId, toId16, toLabel } from '../../src/kernel/id.ts';
import type { Instant } from '../../src/kernel/instant.ts';
import type { Entropy } from '../../src/kernel/ports.ts';
import type { SealedEvent } from '../../src/ledger/port.ts';
import type { Sql } from '../../src/postgres/pools.ts';
import { nodeSuite } from '../../src/suite-node/suite.ts';
import { createKeyring, type Keyring } from '../../src/vault/keyring.ts';
import type { SealedRef, StreamKeys } from '../../src/vault/port.ts';
import { openVault } from '../../src/vault/vault.ts';
import { seededEntropy } from './seeded.ts';

/** What the vault's tests share: seeded randomness, and vaults over one database as several processes would open them. */

export const ORIGIN = 'health.example/110000';
export const DECIDED = '2026-11-22T03:04:05.678Z' as Instant;
export const keyring: Keyring = createKeyring(seededEntropy('keyring'));

let vaults = 0;
/** Each call is another process: its own randomness and its own memory over the same database and keyring. */
export function vaultOn(sql: Sql, options: { keyring?: Keyring; now?: () => number; entropy?: Entropy } = {}) {
  return openVault({
    sql,
    keyring: options.keyring ?? keyring,
    suite: nodeSuite,
    entropy: options.entropy ?? seededEntropy(`vault ${vaults++}`),
    origin: ORIGIN,
    now: options.now ?? (() => 0),
  });
}

const ids = seededEntropy('ids');
export const newStream = (): StreamName => residentStream(toLabel(ids.bytes(32)));
export const newEventId = (): EventId => toEventId(ids.bytes(16));
export const newId16 = () => toId16(ids.bytes(16));

const common = (decided: Instant) => ({
  by: { kind: 'practitioner', id: toId16(new Uint8Array(16)) },
  decided,
  notAfter: decided,
  seen: [],
});

/** A request for consent (class `life`) with a message in the personal part. */
export function sealRequest(keys: StreamKeys, options: { decided?: Instant; message?: string } = {}): SealedEvent {
  const id16 = toId16(new Uint8Array(16));
  return keys.seal({
    id: newEventId(),
    type: consentRequested.type,
    declaration: consentRequested,
    retained: {
      ...common(options.decided ?? DECIDED),
      consentId: id16,
      terms: {
        grantee: { kind: 'institution', institution: id16 },
        purposes: ['TREAT'],
        categories: ['imaging'],
        labels: [],
        period: { from: '2026-01-01', to: '2026-12-31' },
        validFrom: '2026-01-01T00:00:00.000Z',
        validUntil: '2027-01-01T00:00:00.000Z',
      },
      answerBy: '2027-01-01T00:00:00.000Z',
    },
    personal: { message: options.message ?? '请授权', intent: toBase64Url(new Uint8Array(32)) },
  });
}

/** An access event (class `access`), whose personal part is empty. */
export function sealMissed(keys: StreamKeys, decided: Instant = DECIDED): SealedEvent {
  return keys.seal({
    id: newEventId(),
    type: accessMissed.type,
    declaration: accessMissed,
    retained: { ...common(decided), purpose: 'TREAT', selection: { what: 'records' } },
    personal: {},
  });
}

export const refOf = (stream: StreamName, event: SealedEvent, kind: 'retained' | 'personal'): SealedRef => ({
  stream,
  id: event.id,
  type: event.type,
  commitment: event.commitments[kind],
  part: event.sealed[kind],
});

export function flipped(bytes: Uint8Array, at: number): Bytes {
  const changed = new Uint8Array(bytes);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}
