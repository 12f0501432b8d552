import type { Bytes } from '../kernel/bytes.ts';
import type { Ledger, Position } from './port.ts';
import type { LedgerTail } from './tail.ts';

/**
 * The end of a ledger whose engine does not number its events across streams: counted. The first look reads the whole ledger, each
 * later one what came since. Looks run one after the other.
 */
export function countingTail(ledger: Pick<Ledger, 'readAll'>): LedgerTail {
  let after: Position | undefined;
  let size = 0n;
  let leaf: Bytes | undefined;
  let looking: Promise<unknown> = Promise.resolve();

  async function look(wanted: bigint): ReturnType<LedgerTail['look']> {
    let at = wanted === size ? leaf : wanted < size ? await nth(wanted) : undefined;
    for await (const event of ledger.readAll(after)) {
      after = event.position;
      size += 1n;
      leaf = event.leafHash;
      if (size === wanted) at = leaf;
    }
    return { last: leaf && { size, leaf }, at };
  }

  async function nth(wanted: bigint): Promise<Bytes | undefined> {
    if (wanted < 1n) return undefined;
    let counted = 0n;
    for await (const { leafHash } of ledger.readAll()) {
      counted += 1n;
      if (counted === wanted) return leafHash;
    }
    return undefined;
  }

  return {
    look: (wanted) => {
      const next = looking.then(
        () => look(wanted),
        () => look(wanted),
      );
      looking = next.catch(() => undefined);
      return next;
    },
  };
}
