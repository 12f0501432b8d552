import { nobleSuite } from '../../kernel/suite-noble.ts';
import type { VerifyEd25519 } from '../ed25519.ts';
import type { Policy } from '../policy.ts';
import { parseTlogProof } from '../tlog-proof.ts';
import { type VerifiedCheckpoint, verifyCheckpoint } from './checkpoint.ts';
import { verifyInclusion } from './inclusion.ts';

export interface VerifiedLeaf {
  readonly index: bigint;
  readonly checkpoint: VerifiedCheckpoint;
}

/**
 * That the leaf is in a log of the policy, offline. The leaf hash is the caller's own, made of what it believes was recorded; the proof's
 * `extra` is looked at by nobody here. Throws `malformed`, `forged`, `wrong-size` or `unwitnessed`.
 */
export function verifyTlogProof(
  text: string,
  leafHash: Uint8Array,
  policy: Policy,
  library: VerifyEd25519,
  suite = nobleSuite,
): VerifiedLeaf {
  const { index, proof, checkpoint: note } = parseTlogProof(text);
  const checkpoint = verifyCheckpoint(note, policy, library, suite);
  verifyInclusion({ index, size: checkpoint.size, leafHash, proof, root: checkpoint.root }, suite);
  return { index, checkpoint };
}
