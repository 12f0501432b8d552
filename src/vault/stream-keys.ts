import { type CommonRetained, encodePersonal, encodeRetained, type RetentionClass } from '../kernel/event.ts';
import type { EventId, StreamName } from '../kernel/id.ts';
import { yearOf } from '../kernel/instant.ts';
import type { Entropy } from '../kernel/ports.ts';
import type { Suite } from '../kernel/suite.ts';
import { commit, OPENING_BYTES } from '../ledger/commitment.ts';
import type { SealedEvent } from '../ledger/port.ts';
import { sealPart } from '../ledger/sealing.ts';
import { KeyDestroyed } from './faults.ts';
import { personalKeyId, retainedKeyId } from './key-id.ts';
import { codeMark, documentMark, labelMark, sourceMark, sourceVersionMark } from './mark.ts';
import { type PeriodKey, retainedKey } from './period-key-store.ts';
import type { StreamKeys } from './port.ts';
import type { LiveKeys } from './stream-key-store.ts';

/** An opening and a nonce, for each part. */
const RANDOM_BYTES = OPENING_BYTES + 12;

/** What sealing in one stream and year takes. Retained keys are derived at the first event of their class: most callers seal one class only. */
interface Sealing {
  readonly suite: Suite;
  readonly entropy: Entropy;
  readonly origin: string;
  readonly stream: StreamName;
  readonly year: number;
  readonly live: LiveKeys;
  readonly periods: ReadonlyMap<string, PeriodKey>;
}

interface NamedKey {
  readonly keyId: string;
  readonly key: Uint8Array;
}

/**
 * The keys of one stream in one year, ready to seal without waiting. Made for every append: so its functions stand outside, or are methods,
 * which cost nothing to make (tsx gives every other function its name when it is made).
 */
export function streamKeys(sealing: Sealing): StreamKeys {
  const { suite, stream, live } = sealing;
  const retained = new Map<RetentionClass, NamedKey>();
  return {
    stream,
    seal(event) {
      return sealEvent(sealing, retained, event);
    },
    mark(code) {
      return labelMark(suite, live.tag, code);
    },
    source(system, type, id) {
      return sourceMark(suite, live.tag, system, type, id);
    },
    sourceVersion(source, bytes) {
      return sourceVersionMark(suite, live.tag, source, bytes);
    },
    documentMark(type, issuer, number) {
      return documentMark(suite, live.tag, type, issuer, number);
    },
    codeRef(code) {
      return codeMark(suite, live.tag, code);
    },
  };
}

function sealEvent(
  sealing: Sealing,
  known: Map<RetentionClass, NamedKey>,
  event: Parameters<StreamKeys['seal']>[0],
): SealedEvent {
  const { id, type, declaration } = event;
  if (type !== declaration.type) throw new Error(`an event of type ${type} under the declaration ${declaration.type}`);
  const retainedBytes = encodeRetained(declaration, event.retained);
  const personalBytes = encodePersonal(declaration, event.personal);
  // The year in the key id is that of `decided`: it decides when the retained part ends.
  if (yearOf((event.retained as CommonRetained).decided) !== sealing.year) {
    throw new Error('the keys are of another year');
  }
  let underPeriod = known.get(declaration.retention);
  if (underPeriod === undefined) {
    underPeriod = retainedFor(sealing, declaration.retention);
    known.set(declaration.retention, underPeriod);
  }
  const { stream, live } = sealing;
  const underStream = { keyId: personalKeyId(stream, live.number), key: live.personal };
  const random = sealing.entropy.bytes(2 * RANDOM_BYTES);
  const retained = seal(sealing, event, 'retained', underPeriod, retainedBytes, random.subarray(0, RANDOM_BYTES));
  const personal = seal(sealing, event, 'personal', underStream, personalBytes, random.subarray(RANDOM_BYTES));
  return {
    id,
    type,
    commitments: { retained: retained.commitment, personal: personal.commitment },
    sealed: { retained: retained.part, personal: personal.part },
  };
}

function retainedFor({ suite, stream, periods }: Sealing, retention: RetentionClass): NamedKey {
  const period = periods.get(retention);
  if (period === undefined) throw new Error(`no key was loaded for the class ${retention}`);
  const keyId = retainedKeyId(stream, period.period);
  if (period.key === 'destroyed') throw new KeyDestroyed(keyId);
  return { keyId, key: retainedKey(suite, period.key, stream) };
}

function seal(
  { suite, origin }: Sealing,
  { id, type }: { readonly id: EventId; readonly type: string },
  kind: 'retained' | 'personal',
  { keyId, key }: NamedKey,
  bytes: Uint8Array,
  random: Uint8Array,
) {
  const opening = random.subarray(0, OPENING_BYTES);
  const nonce = random.subarray(OPENING_BYTES);
  const commitment = commit(suite, { origin, kind, type, id, opening, bytes });
  const sealed = sealPart(suite, key, nonce, { keyId, kind, id, commitment }, { opening, bytes });
  return { commitment, part: { keyId, bytes: sealed } };
}
