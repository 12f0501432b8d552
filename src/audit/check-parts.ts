import { DECISION_LIFE_MS } from '../app/conflict.ts';
import { CATALOGUE } from '../domain/catalogue.ts';
import { parseBase64Url } from '../kernel/base64.ts';
import { type Bytes, equalBytes } from '../kernel/bytes.ts';
import { type CommonRetained, RETENTION_YEARS, type RetentionClass } from '../kernel/event.ts';
import { isFault } from '../kernel/fault.ts';
import { type Id16, id16Bytes } from '../kernel/id.ts';
import { addMs, type Instant, yearOf } from '../kernel/instant.ts';
import type { Suite } from '../kernel/suite.ts';
import type { RecordedEvent } from '../ledger/port.ts';
import { servedRoot } from '../ledger/served-set.ts';
import { parseRetainedKeyId } from '../vault/key-id.ts';
import { type Finding, findingAt, reason } from './finding.ts';

/**
 * The retained part stands under the key of the year in which it was decided: that key's end is its own. Where it has ended, nothing
 * in the part can be checked any more, so whether it may have ended is asked the more strictly: its class has a term, the year is the
 * event's own, and the term is over.
 */
export function checkRetention(
  event: RecordedEvent,
  retained: Pick<CommonRetained, 'decided'> | 'expired',
  now: Instant,
): Finding | undefined {
  const retention = CATALOGUE.get(event.type)?.retention ?? 'life';
  let year: number;
  try {
    year = parseRetainedKeyId(event.sealed.retained.keyId, event.stream, retention).year;
  } catch (error) {
    return findingAt(event, 'key-mismatch', reason(error));
  }
  if (retained !== 'expired') {
    if (year === yearOf(retained.decided)) return undefined;
    return findingAt(
      event,
      'key-mismatch',
      'the retained part is under the key of another year than it was decided in',
    );
  }
  const why = unlawfulEnd(event.time, retention, year, now);
  return why === undefined ? undefined : findingAt(event, 'withheld', `the retained part cannot be opened: ${why}`);
}

function unlawfulEnd(time: Instant, retention: RetentionClass, year: number, now: Instant): string | undefined {
  const term = RETENTION_YEARS[retention];
  if (term === null) return 'its key was destroyed, and its class never ends';
  if (year !== yearOf(time) && year !== yearOf(addMs(time, -DECISION_LIFE_MS)))
    return 'its key id names a year in which it was not decided';
  if (year + term >= yearOf(now)) return 'its key was destroyed before the term of its class was over';
  return undefined;
}

interface Served {
  readonly ids: readonly { readonly id: Id16; readonly revision: number; readonly part: 1 | 2 }[];
  readonly salt: string;
}

/** A permitted access committed to exactly the ids that its personal part lists. */
export function checkServed(
  suite: Suite,
  event: RecordedEvent,
  retained: Record<string, unknown> | 'expired',
  personal: Record<string, unknown> | 'erased',
): Finding | undefined {
  if (event.type !== 'access.permitted@1' || retained === 'expired' || personal === 'erased') return undefined;
  const told = retained.served as { readonly count: number; readonly root: string };
  const { ids, salt } = personal.served as Served;
  if (ids.length !== told.count) return findingAt(event, 'served-mismatch', 'count and served ids differ');
  const items = ids.map(({ id, revision, part }) => ({ id: id16Bytes(id), revision: BigInt(revision), part }));
  try {
    const root = servedRoot(suite, parseBase64Url(salt) as Bytes, items);
    if (equalBytes(root, parseBase64Url(told.root) as Bytes)) return undefined;
  } catch (error) {
    if (!(error instanceof RangeError) || isFault(error)) throw error;
    return findingAt(event, 'served-mismatch', error.message);
  }
  return findingAt(event, 'served-mismatch', 'the served root is not that of the served ids');
}
