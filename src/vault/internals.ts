import type { EventDeclaration } from '../kernel/event.ts';
import { Malformed } from '../kernel/fault.ts';
import type { Entropy } from '../kernel/ports.ts';
import type { Suite } from '../kernel/suite.ts';
import { openPart } from '../ledger/sealing.ts';
import type { Sql } from '../postgres/pools.ts';
import type { PeriodKeyStore } from './period-key-store.ts';
import type { SealedRef, Vault } from './port.ts';
import type { StreamKeyStore } from './stream-key-store.ts';

/** What the files of this folder share and nobody outside it may hold: the way to every key. */
export interface Internals {
  readonly sql: Sql;
  readonly suite: Suite;
  readonly origin: string;
  readonly entropy: Entropy;
  readonly catalogue: ReadonlyMap<string, EventDeclaration>;
  readonly streams: StreamKeyStore;
  readonly periods: PeriodKeyStore;
}

const behind = new WeakMap<Vault, Internals>();

export function setInternals(vault: Vault, internals: Internals): void {
  behind.set(vault, internals);
}

/** The keys behind a vault. By this a function in a file of its own opens what the `Vault` that everybody holds cannot. */
export function internalsOf(vault: Vault): Internals {
  const internals = behind.get(vault);
  if (internals === undefined) throw new Error('not a vault of openVault');
  return internals;
}

export function declarationOf(internals: Internals, type: string): EventDeclaration {
  const declaration = internals.catalogue.get(type);
  if (declaration === undefined) throw new Malformed('event type', 'not a known type');
  return declaration;
}

/** Opens one part and reads it; the error names the event when it is not what its leaf commits to. */
export function openAndDecode<T>(
  internals: Internals,
  ref: SealedRef,
  kind: 'retained' | 'personal',
  key: Uint8Array,
  decode: (bytes: Uint8Array) => T,
): T | Malformed {
  const { suite, origin } = internals;
  const { id, type, commitment, part } = ref;
  return answer(ref, () =>
    decode(openPart(suite, key, { keyId: part.keyId, kind, id, commitment, origin, type }, part.bytes).bytes),
  );
}

/** Works on each part; one that is malformed is answered with the error, which names its event. */
export function answerEach<T>(refs: readonly SealedRef[], work: (ref: SealedRef) => T): readonly (T | Malformed)[] {
  return refs.map((ref) => answer(ref, () => work(ref)));
}

function answer<T>(ref: SealedRef, work: () => T): T | Malformed {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return new Malformed(`event ${ref.id} ${error.path}`, error.message.slice(error.path.length + 2));
  }
}

/** For callers that cannot go on without every part. */
export function allOrFirstError<T>(answers: readonly (T | Error)[]): readonly T[] {
  return answers.map((one) => {
    if (one instanceof Error) throw one;
    return one;
  });
}
