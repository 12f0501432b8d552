import { type CommonRetained, encodePersonal, encodeRetained, type RetentionClass } from '../kernel/event.ts';
import type { StreamName } from '../kernel/id.ts';
import { yearOf } from '../kernel/instant.ts';
import type { Entropy } from '../kernel/ports.ts';
import type { Suite } from '../kernel/suite.ts';
import { commit, OPENING_BYTES } from '../ledger/commitment.ts';
import { sealPart } from '../ledger/sealing.ts';
import { KeyDestroyed } from './faults.ts';
import { personalKeyId, retainedKeyId } from './key-id.ts';
import { codeMark, documentMark, labelMark, sourceMark, sourceVersionMark } from './mark.ts';
import { type PeriodKey, retainedKey } from './period-key-store.ts';
import type { StreamKeys } from './port.ts';
import type { LiveKeys } from './stream-key-store.ts';

const NONCE_BYTES = 12;

/** The keys of one stream in one year, ready to seal without waiting. */
export function streamKeys(options: {
  readonly suite: Suite;
  readonly entropy: Entropy;
  readonly origin: string;
  readonly stream: StreamName;
  readonly year: number;
  readonly live: LiveKeys;
  readonly periods: ReadonlyMap<string, PeriodKey>;
}): StreamKeys {
  const { suite, entropy, origin, stream, year, live } = options;
  const retained = new Map<RetentionClass, { readonly keyId: string; readonly key: Uint8Array }>();

  /** Derived at the first event of the class: most callers seal one class only. */
  function retainedFor(retention: RetentionClass) {
    const known = retained.get(retention);
    if (known !== undefined) return known;
    const period = options.periods.get(retention);
    if (period === undefined) throw new Error(`no key was loaded for the class ${retention}`);
    const keyId = retainedKeyId(stream, period.period);
    if (period.key === 'destroyed') throw new KeyDestroyed(keyId);
    const made = { keyId, key: retainedKey(suite, period.key, stream) };
    retained.set(retention, made);
    return made;
  }

  return {
    stream,
    seal: ({ id, type, declaration, retained: retainedValue, personal: personalValue }) => {
      if (type !== declaration.type)
        throw new Error(`an event of type ${type} under the declaration ${declaration.type}`);
      const retainedBytes = encodeRetained(declaration, retainedValue);
      const personalBytes = encodePersonal(declaration, personalValue);
      // The year in the key id is that of `decided`: it decides when the retained part ends.
      if (yearOf((retainedValue as CommonRetained).decided) !== year) throw new Error('the keys are of another year');
      const underPeriod = retainedFor(declaration.retention);
      const random = entropy.bytes(2 * (OPENING_BYTES + NONCE_BYTES));
      const seal = (kind: 'retained' | 'personal', keyId: string, key: Uint8Array, bytes: Uint8Array, at: number) => {
        const opening = random.subarray(at, at + OPENING_BYTES);
        const nonce = random.subarray(at + OPENING_BYTES, at + OPENING_BYTES + NONCE_BYTES);
        const commitment = commit(suite, { origin, kind, type, id, opening, bytes });
        const sealed = sealPart(suite, key, nonce, { keyId, kind, id, commitment }, { opening, bytes });
        return { commitment, part: { keyId, bytes: sealed } };
      };
      const a = seal('retained', underPeriod.keyId, underPeriod.key, retainedBytes, 0);
      const b = seal(
        'personal',
        personalKeyId(stream, live.number),
        live.personal,
        personalBytes,
        OPENING_BYTES + NONCE_BYTES,
      );
      return {
        id,
        type,
        commitments: { retained: a.commitment, personal: b.commitment },
        sealed: { retained: a.part, personal: b.part },
      };
    },
    mark: (code) => labelMark(suite, live.tag, code),
    source: (system, type, id) => sourceMark(suite, live.tag, system, type, id),
    sourceVersion: (source, bytes) => sourceVersionMark(suite, live.tag, source, bytes),
    documentMark: (type, issuer, number) => documentMark(suite, live.tag, type, issuer, number),
    codeRef: (code) => codeMark(suite, live.tag, code),
  };
}
