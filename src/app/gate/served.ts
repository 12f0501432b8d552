import type { Category } from '../../domain/terms.ts';
import { toBase64Url } from '../../kernel/base64.ts';
import { type EventId, eventIdBytes, type Id16, id16Bytes } from '../../kernel/id.ts';
import { toJsonInteger } from '../../kernel/integer.ts';
import { type ServedItem, servedRoot } from '../../ledger/served-set.ts';
import type { App } from '../app.ts';

/** A record as a plan names it: which, as of which event, and its category. Nothing else leaves the plan. */
export interface PlannedItem {
  readonly id: Id16;
  readonly revision: bigint;
  readonly category: Category;
}

const SALT_BYTES = 32;

/** What `access.permitted` says of the served set: counts and root for the auditor, ids and salt for the subject. */
export function commitToServed(
  app: Pick<App, 'suite' | 'entropy'>,
  items: readonly PlannedItem[],
  part: 1 | 2,
  matched: number,
) {
  const salt = app.entropy.bytes(SALT_BYTES);
  const set: ServedItem[] = items.map(({ id, revision }) => ({ id: id16Bytes(id), revision, part }));
  return {
    served: {
      categories: [...new Set(items.map((item) => item.category))].sort(),
      count: items.length,
      matched,
      root: toBase64Url(servedRoot(app.suite, salt, set)),
    },
    personal: {
      served: {
        ids: items.map(({ id, revision }) => ({ id, revision: toJsonInteger(revision), part })),
        salt: toBase64Url(salt),
      },
    },
  };
}

/** The same for the entries of a trail: an event's 16 bytes stand where a record's id would. */
export function commitToTrail(
  app: Pick<App, 'suite' | 'entropy'>,
  items: readonly { readonly eventId: EventId; readonly revision: bigint }[],
  matched: number,
) {
  const salt = app.entropy.bytes(SALT_BYTES);
  const set: ServedItem[] = items.map(({ eventId, revision }) => ({ id: eventIdBytes(eventId), revision, part: 1 }));
  return {
    served: { count: items.length, matched, root: toBase64Url(servedRoot(app.suite, salt, set)) },
    salt: toBase64Url(salt),
  };
}
