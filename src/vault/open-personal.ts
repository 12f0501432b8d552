import { decodePersonal } from '../kernel/event.ts';
import type { StreamName } from '../kernel/id.ts';
import { KeyMissing } from './faults.ts';
import { allOrFirstError, answerEach, declarationOf, type Internals, internalsOf, openAndDecode } from './internals.ts';
import { parsePersonalKeyId } from './key-id.ts';
import type { SealedRef, Vault } from './port.ts';
import type { StreamKeySet } from './stream-key-store.ts';

/** A personal part in clear; 'erased' when its key has been destroyed. */
export type OpenedPersonal = Record<string, unknown> | 'erased';

/**
 * Opens personal parts. Importing this file is the right to do so: the gate, the audit, erasure and the export behind the gate
 * have it, and a test says that nobody else does. All keys in one round trip; one answer a part, in order.
 * Throws `Malformed` naming the first event whose part is not what its leaf commits to, `key-missing`, `wrong-keyring`, `vault-unavailable`.
 */
export async function openPersonal(vault: Vault, refs: readonly SealedRef[]): Promise<readonly OpenedPersonal[]> {
  return allOrFirstError(await openPersonalEach(vault, refs));
}

/** The same for the audit: what is wrong with a part stands in its place. */
export async function openPersonalEach(
  vault: Vault,
  refs: readonly SealedRef[],
): Promise<readonly (OpenedPersonal | Error)[]> {
  const internals = internalsOf(vault);
  const wanted = answerEach(refs, (ref) => ({
    ref,
    declaration: declarationOf(internals, ref.type),
    number: parsePersonalKeyId(ref.part.keyId, ref.stream),
  }));
  const keys = await loadKeys(
    internals,
    wanted.flatMap((one) => (one instanceof Error ? [] : [{ stream: one.ref.stream, number: one.number }])),
  );
  return wanted.map((one) => {
    if (one instanceof Error) return one;
    const { ref, declaration, number } = one;
    const key = keys.get(ref.stream)?.personal.get(number);
    if (key === undefined) return new KeyMissing(ref.part.keyId);
    if (key === 'destroyed') return 'erased';
    return openAndDecode(internals, ref, 'personal', key, (bytes) => decodePersonal(declaration, bytes));
  });
}

/** Looks past the cache once for a key that it does not have: another process may have made it since. */
async function loadKeys(
  internals: Internals,
  wanted: readonly { readonly stream: StreamName; readonly number: number }[],
): Promise<ReadonlyMap<StreamName, StreamKeySet>> {
  const keys = await internals.streams.load(wanted.map((one) => one.stream));
  const missing = wanted.filter((one) => !keys.get(one.stream)?.personal.has(one.number)).map((one) => one.stream);
  if (missing.length === 0) return keys;
  for (const stream of missing) internals.streams.forget(stream);
  return new Map([...keys, ...(await internals.streams.load(missing))]);
}
