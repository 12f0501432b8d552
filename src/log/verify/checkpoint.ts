import { equalBytes } from '../../kernel/bytes.ts';
import { nobleSuite } from '../../kernel/suite-noble.ts';
import { type Checkpoint, parseCheckpoint } from '../checkpoint.ts';
import type { VerifyEd25519 } from '../ed25519.ts';
import { NotVerified } from '../faults.ts';
import { isQuorum, type Policy } from '../policy.ts';
import { verifyNote } from './note.ts';

export interface VerifiedCheckpoint extends Checkpoint {
  /** The policy's witnesses who cosigned it, by their names there, with their earliest time in seconds since 1970. */
  readonly witnessed: ReadonlyMap<string, bigint>;
}

/**
 * A signed checkpoint by a policy: signed by one of its logs under the checkpoint's own origin, and cosigned by its quorum. Throws `malformed`,
 * `forged`, or `unwitnessed` when only the log speaks for it.
 */
export function verifyCheckpoint(
  note: string,
  policy: Policy,
  library: VerifyEd25519,
  suite = nobleSuite,
): VerifiedCheckpoint {
  const keys = [...policy.logs, ...policy.witnesses].map(({ key }) => key);
  const { text, signatures } = verifyNote(note, keys, library, suite);
  const checkpoint = parseCheckpoint(text);
  if (!signatures.some(({ key }) => key.kind === 'note' && key.name === checkpoint.origin)) {
    throw new NotVerified('forged', 'no log of the policy has signed a checkpoint of its own origin');
  }
  if (checkpoint.size === 0n && !equalBytes(checkpoint.root, suite.hash())) {
    throw new NotVerified('forged', 'an empty tree has another root');
  }
  const witnessed = new Map<string, bigint>();
  for (const { key, time } of signatures) {
    const witness = policy.witnesses.find((each) => each.key.name === key.name && each.key.id === key.id);
    if (witness === undefined || time === undefined) continue;
    const before = witnessed.get(witness.name);
    if (before === undefined || time < before) witnessed.set(witness.name, time);
  }
  if (!isQuorum(policy.quorum, new Set(witnessed.keys()))) {
    throw new NotVerified('unwitnessed', 'too few of the witnesses whom the policy names have cosigned');
  }
  return { ...checkpoint, witnessed };
}
