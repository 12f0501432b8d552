import type { Bytes } from '../../kernel/bytes.ts';
import type { Suite } from '../../kernel/suite.ts';
import { merkleAccumulator } from '../merkle-root.ts';
import type { Ledger, Position, RecordedEvent } from '../port.ts';
import { differenceOf } from './difference.ts';
import { TargetDiffers } from './faults.ts';

export type Events = Pick<Ledger, 'readAll'>;

export interface CompareOptions {
  readonly suite: Suite;
  /** The place of the how-manieth event in the target is wanted. */
  readonly wanted?: bigint;
  readonly onProgress?: (events: bigint) => void;
}

/** What the target holds, which is what the source holds from its beginning on. */
export interface Compared {
  readonly size: bigint;
  /** RFC 6962, over the target's leaf hashes. */
  readonly root: Bytes;
  /** Where the last event stands in either; undefined when the target is empty. */
  readonly sourceEnd: Position | undefined;
  readonly targetEnd: Position | undefined;
  readonly wantedAt: Position | undefined;
  /** Whether the source has more. */
  readonly more: boolean;
}

/**
 * Reads both from the beginning, side by side, up to the end of the target, and compares every byte of every event.
 * Throws `TargetDiffers` at the first difference, and what the ports throw.
 */
export async function compareLedgers(source: Events, target: Events, options: CompareOptions): Promise<Compared> {
  const { suite, wanted, onProgress = () => {} } = options;
  const tree = merkleAccumulator(suite);
  const theirs = source.readAll()[Symbol.asyncIterator]();
  let [sourceEnd, targetEnd, wantedAt]: (Position | undefined)[] = [];
  try {
    for await (const event of target.readAll()) {
      const number = tree.size + 1n;
      const { value, done } = await theirs.next();
      if (done === true) throw new TargetDiffers(number, placeOf(event), 'stands behind the end of the source');
      const difference = differenceOf(value, event);
      if (difference !== undefined)
        throw new TargetDiffers(
          number,
          placeOf(event),
          `is not that of the source, which is ${placeOf(value)}: ${difference} differs`,
        );
      tree.push(event.leafHash);
      [sourceEnd, targetEnd] = [value.position, event.position];
      if (number === wanted) wantedAt = event.position;
      onProgress(tree.size);
    }
    const more = (await theirs.next()).done !== true;
    return { size: tree.size, root: tree.root(), sourceEnd, targetEnd, wantedAt, more };
  } finally {
    await theirs.return?.();
  }
}

const placeOf = ({ stream, revision, position }: RecordedEvent): string =>
  `revision ${revision} of ${stream} at position ${position}`;
