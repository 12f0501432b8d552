import type { CheckDeps } from '../../src/audit/check-ledger.ts';
import { CATALOGUE } from '../../src/domain/catalogue.ts';
import type { CommonRetained } from '../../src/kernel/event.ts';
import {
  decodePersonal,
  decodeRetained,
  type EventDeclaration,
  encodePersonal,
  encodeRetained,
} from '../../src/kernel/event.ts';
import { type EventId, type StreamName, toEventId } from '../../src/kernel/id.ts';
import { addMs, type Instant, yearOf } from '../../src/kernel/instant.ts';
import { memoryLedger } from '../../src/ledger/memory/memory-ledger.ts';
import type { Condition, Ledger, SealedEvent } from '../../src/ledger/port.ts';
import { storedByPort } from '../../src/ledger/stored.ts';
import { nodeSuite as suite } from '../../src/suite-node/suite.ts';
import { KeyMissing } from '../../src/vault/faults.ts';
import { retainedKeyId } from '../../src/vault/key-id.ts';
import type { SealedRef } from '../../src/vault/port.ts';
import { TEST_IDENTITY } from './postgres-ledger.ts';
import { SEEDED_START, seededClock, seededEntropy } from './seeded.ts';

/** A memory ledger whose parts are "sealed" by writing their bytes as they are: all but the vault is real, and nothing waits. */

const ENDED = '#ended';

export interface UnsealedEvent {
  readonly type: string;
  readonly retained?: object;
  readonly personal?: object;
  readonly batch?: CommonRetained['batch'];
  /** The key of its retained part, or of its personal one, has ended. */
  readonly ended?: 'retained' | 'personal';
}

export interface UnsealedLedger {
  readonly ledger: Ledger;
  readonly clock: ReturnType<typeof seededClock>;
  readonly deps: CheckDeps;
  id(): EventId;
  seal(
    stream: StreamName,
    event: UnsealedEvent,
    told: Omit<Condition, 'seen'> & { readonly seen: Condition['seen'] },
  ): SealedEvent;
}

const declarationOf = (type: string): EventDeclaration => {
  const declaration = CATALOGUE.get(type);
  if (declaration === undefined) throw new Error(`${type} is not in the catalogue`);
  return declaration;
};

export function unsealedLedger(seed: string, over: Partial<CheckDeps> = {}): UnsealedLedger {
  const entropy = seededEntropy(seed);
  const clock = seededClock();
  const ledger = memoryLedger({ identity: TEST_IDENTITY, suite, entropy, time: clock.now });
  const id = (): EventId => toEventId(entropy.bytes(16));

  const opener =
    <T, Gone extends string>(gone: Gone, decode: (declaration: EventDeclaration, bytes: Uint8Array) => T) =>
    async (parts: readonly SealedRef[]): Promise<readonly (T | Gone | Error)[]> =>
      parts.map(({ type, part }) => {
        if (part.bytes.length === 0) return new KeyMissing(part.keyId);
        if (part.bytes.length === ENDED.length) return gone;
        return decode(declarationOf(type), part.bytes);
      });

  return {
    ledger,
    clock,
    id,
    deps: {
      stored: storedByPort(ledger),
      suite,
      now: () => addMs(clock.now(), 0),
      openRetained: opener('expired', decodeRetained),
      openPersonal: opener('erased', decodePersonal),
      ...over,
    },
    seal: (stream, { type, retained = {}, personal = {}, batch, ended }, { decided, notAfter, seen }) => {
      const declaration = declarationOf(type);
      const common = {
        by: { kind: 'system', id: 'AAAAAAAAAAAAAAAAAAAAAA' },
        decided,
        notAfter,
        seen: seen.map(({ revision, ...rest }) => ({ ...rest, revision: Number.parseInt(`${revision}`, 10) })),
        ...(batch === undefined ? {} : { batch }),
      };
      const period = { retention: declaration.retention, year: yearOf(decided), number: 0 };
      const gone = new TextEncoder().encode(ENDED);
      return {
        id: id(),
        type,
        commitments: { retained: entropy.bytes(32), personal: entropy.bytes(32) },
        sealed: {
          retained: {
            keyId: retainedKeyId(stream, period),
            bytes: ended === 'retained' ? gone : encodeRetained(declaration, { ...common, ...retained }),
          },
          personal: {
            keyId: `${stream}#personal#-#0`,
            bytes: ended === 'personal' ? gone : encodePersonal(declaration, personal),
          },
        },
      };
    },
  };
}

/** Decided at that instant, good for five seconds. */
export const soon = (decided: Instant = SEEDED_START): Omit<Condition, 'seen'> => ({
  decided,
  notAfter: addMs(decided, 5_000),
});
