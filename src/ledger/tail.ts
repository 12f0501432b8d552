import type { Bytes } from '../kernel/bytes.ts';

/** Where a ledger ends: how many events stand in it, and the leaf hash of the last one. */
export interface LedgerEnd {
  readonly size: bigint;
  readonly leaf: Bytes;
}

/** The end of a ledger, cheaply: a look costs two rows, however long the ledger is. */
export interface LedgerTail {
  /**
   * The last durable event, and the leaf hash of the `size`-th one (1n is the first), both as of one instant. `undefined`: an empty
   * ledger, or no such event. Throws `LedgerUnavailable`.
   */
  look(size: bigint): Promise<{ readonly last: LedgerEnd | undefined; readonly at: Bytes | undefined }>;
}
