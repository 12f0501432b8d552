import { type CommonRetained, decodeRetained } from '../kernel/event.ts';
import { KeyMissing } from './faults.ts';
import type { HeldKey } from './held-key.ts';
import { answerEach, declarationOf, type Internals, internalsOf, openAndDecode } from './internals.ts';
import { type Period, parseRetainedKeyId } from './key-id.ts';
import { periodName, retainedKey } from './period-key-store.ts';
import type { SealedRef, Vault } from './port.ts';

/** A retained part in clear; 'expired' when the key of its class and year has been destroyed. */
export type OpenedRetained = (CommonRetained & Record<string, unknown>) | 'expired';

/**
 * Opens retained parts, all keys in one round trip: one answer a part, in order. What is wrong with a part (`Malformed`, naming the event;
 * `key-missing`) stands in its place. Throws `wrong-keyring` and `vault-unavailable`, which are nobody's part.
 */
export async function openRetainedEach(
  vault: Vault,
  refs: readonly SealedRef[],
): Promise<readonly (OpenedRetained | Error)[]> {
  const internals = internalsOf(vault);
  const periodOf = periods();
  const wanted = answerEach(refs, (ref) => {
    const declaration = declarationOf(internals, ref.type);
    return { ref, declaration, period: periodOf(ref, declaration.retention) };
  });
  const keys = await loadKeys(internals, [
    ...new Set(wanted.flatMap((one) => (one instanceof Error ? [] : [one.period]))),
  ]);
  const derivedKeys = new Map<string, Uint8Array>();
  return wanted.map((one) => {
    if (one instanceof Error) return one;
    const { ref, declaration, period } = one;
    const key = keys.get(periodName(period));
    if (key === undefined) return new KeyMissing(ref.part.keyId);
    if (key === 'destroyed') return 'expired';
    // The key id names stream, class and year: one key for all events of a stream in a year, derived once for this call.
    const derived = derivedKeys.get(ref.part.keyId) ?? retainedKey(internals.suite, key, ref.stream);
    derivedKeys.set(ref.part.keyId, derived);
    return openAndDecode(internals, ref, 'retained', derived, (bytes) => decodeRetained(declaration, bytes));
  });
}

/** Reads key ids; the same one of the same stream and class once. */
function periods(): (ref: SealedRef, retention: string) => Period {
  const read = new Map<string, { readonly stream: string; readonly period: Period }>();
  return ({ part, stream }, retention) => {
    const known = read.get(part.keyId);
    if (known !== undefined && known.stream === stream && known.period.retention === retention) return known.period;
    const period = parseRetainedKeyId(part.keyId, stream, retention);
    read.set(part.keyId, { stream, period });
    return period;
  };
}

/** Looks past the cache once for a key that it does not have: another process may have made it since. */
async function loadKeys(internals: Internals, periods: readonly Period[]): Promise<ReadonlyMap<string, HeldKey>> {
  const keys = await internals.periods.load(periods);
  const missing = periods.filter((period) => !keys.has(periodName(period)));
  if (missing.length === 0) return keys;
  for (const { retention, year } of missing) internals.periods.forget(retention, year);
  return new Map([...keys, ...(await internals.periods.load(missing))]);
}
