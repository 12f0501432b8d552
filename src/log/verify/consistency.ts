import { equalBytes } from '../../kernel/bytes.ts';
import { nobleSuite } from '../../kernel/suite-noble.ts';
import { type ConsistencyPath, rootsOfConsistency } from '../consistency.ts';
import { NotVerified } from '../faults.ts';
import { checkHash } from '../tree-node.ts';

/**
 * Returns when the tree of `newSize` begins with that of `oldSize`; throws `malformed`, `wrong-size` or `forged` otherwise. From size 0
 * always `wrong-size`: whoever has seen nothing yet has nothing to compare.
 */
export function verifyConsistency(claim: ConsistencyPath & { readonly newRoot: Uint8Array }, suite = nobleSuite): void {
  checkHash(claim.newRoot, 'new root');
  const { oldRoot, newRoot } = rootsOfConsistency(suite, claim);
  if (!equalBytes(oldRoot, claim.oldRoot))
    throw new NotVerified('forged', 'the consistency proof leads to another old root');
  if (!equalBytes(newRoot, claim.newRoot))
    throw new NotVerified('forged', 'the consistency proof leads to another new root');
}
