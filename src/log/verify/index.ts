/**
 * What somebody needs who trusts a policy file and nothing else: pure, without a server, the same in a browser. Each function returns what it has
 * proven or throws an error with a `code` (`Reason`).
 */

export { type Checkpoint, parseCheckpoint } from '../checkpoint.ts';
export type { VerifyEd25519 } from '../ed25519.ts';
export { NotVerified, type Reason, reasonOf } from '../faults.ts';
export { type Policy, parsePolicy } from '../policy.ts';
export { parseVerifierKey, type VerifierKey } from '../verifier-key.ts';
export { type VerifiedCheckpoint, verifyCheckpoint } from './checkpoint.ts';
export { verifyConsistency } from './consistency.ts';
export { verifyInclusion } from './inclusion.ts';
export { type VerifiedNote, verifyNote } from './note.ts';
export { verifyPrefixSearch } from './prefix.ts';
export { type VerifiedLeaf, verifyTlogProof } from './tlog-proof.ts';
