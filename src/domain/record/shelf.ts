import { toJsonInteger } from '../../kernel/integer.ts';
import type { Fold } from '../decider.ts';
import type { ShelfState } from './terms.ts';

/**
 * The revision of the stream's last event that changes what an access can open: the gate plans only on read tables that have
 * applied it (ledger.md §5). -1 before any.
 */
export const shelfFold: Fold<ShelfState, { readonly revision: bigint }> = {
  name: 'shelf',
  version: 1,
  kinds: ['record.', 'identity.', 'code.', 'erasure.'],
  initialState: { revision: -1 },
  // A stream has fewer than 2^28 events (docs/spec), so its revisions are exact as JSON integers.
  evolve: (_state, event) => ({ revision: toJsonInteger(event.revision) }),
};
