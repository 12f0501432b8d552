import { utf8 } from '../../kernel/bytes.ts';
import { Malformed } from '../../kernel/fault.ts';
import { nobleSuite } from '../../kernel/suite-noble.ts';
import { parseCheckpoint } from '../checkpoint.ts';
import { cosignedMessage, parseCosignature } from '../cosignature.ts';
import { type VerifyEd25519, verifiesEd25519 } from '../ed25519.ts';
import { NotVerified } from '../faults.ts';
import { type NoteSignature, parseNote } from '../note.ts';
import { parseVerifierKey, type VerifierKey } from '../verifier-key.ts';

/** A signature that holds. `time` is a cosignature's, in seconds since 1970. */
export interface VerifiedSignature {
  readonly key: VerifierKey;
  readonly time: bigint | undefined;
}

export interface VerifiedNote {
  readonly text: string;
  /** In the note's order; at least one. */
  readonly signatures: readonly VerifiedSignature[];
}

function byNameAndId(keys: readonly (string | VerifierKey)[], suite: typeof nobleSuite): Map<string, VerifierKey> {
  const known = new Map<string, VerifierKey>();
  for (const each of keys) {
    const key = typeof each === 'string' ? parseVerifierKey(suite, each) : each;
    const name = `${key.name} ${key.id}`;
    const same = known.get(name);
    if (same?.publicKey.some((byte, i) => byte !== key.publicKey[i])) {
      throw new Malformed('verifier keys', 'two keys share a name and an id');
    }
    known.set(name, key);
  }
  return known;
}

/** The signature's time when it holds; `forged` when it does not. */
function verifySignature(
  library: VerifyEd25519,
  key: VerifierKey,
  text: string,
  { signature }: NoteSignature,
): VerifiedSignature {
  const refused = new NotVerified('forged', 'a signature by a known key does not hold');
  switch (key.kind) {
    case 'note':
      if (!verifiesEd25519(library, key.publicKey, utf8(text), signature)) throw refused;
      return { key, time: undefined };
    case 'cosignature': {
      // A witness speaks of checkpoints only.
      parseCheckpoint(text);
      const cosigned = parseCosignature(signature);
      if (!verifiesEd25519(library, key.publicKey, cosignedMessage(text, cosigned.time), cosigned.signature))
        throw refused;
      return { key, time: cosigned.time };
    }
  }
}

/**
 * The note's text, which at least one of the keys has signed. Signatures of other keys are ignored; one of these keys that does not hold
 * refuses the whole note, whatever else is signed well. Throws `malformed` or `forged`.
 */
export function verifyNote(
  note: string,
  verifierKeys: readonly (string | VerifierKey)[],
  library: VerifyEd25519,
  suite = nobleSuite,
): VerifiedNote {
  const known = byNameAndId(verifierKeys, suite);
  const { text, signatures } = parseNote(note);
  const verified = signatures.flatMap((signature) => {
    const key = known.get(`${signature.name} ${signature.id}`);
    return key === undefined ? [] : [verifySignature(library, key, text, signature)];
  });
  if (verified.length === 0) throw new NotVerified('forged', 'no known key has signed the note');
  return { text, signatures: verified };
}
