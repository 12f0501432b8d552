import { equalBytes } from '../../kernel/bytes.ts';
import { nobleSuite } from '../../kernel/suite-noble.ts';
import { NotVerified } from '../faults.ts';
import { type InclusionPath, rootOfInclusion } from '../inclusion.ts';
import { checkHash } from '../tree-node.ts';

/** Returns when the leaf stands at `index` of the tree with that size and root; throws `malformed`, `wrong-size` or `forged` otherwise. */
export function verifyInclusion(claim: InclusionPath & { readonly root: Uint8Array }, suite = nobleSuite): void {
  checkHash(claim.root, 'root');
  if (!equalBytes(rootOfInclusion(suite, claim), claim.root)) {
    throw new NotVerified('forged', 'the inclusion proof leads to another root');
  }
}
