import { utf8 } from '../kernel/bytes.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { cosignedMessage, encodeCosignature } from './cosignature.ts';
import type { NoteSignature } from './note.ts';
import type { VerifierKey } from './verifier-key.ts';

/** A private key, wherever it is kept, and the public key under which others know it. */
export interface Signer {
  readonly key: VerifierKey;
  /** Ed25519, 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}

function demand(signer: Signer, kind: VerifierKey['kind']): void {
  if (signer.key.kind !== kind) throw new RangeError('this key signs other things');
}

/** The signature line of a note's own signer. */
export function signNote(signer: Signer, text: string): NoteSignature {
  demand(signer, 'note');
  const { name, id } = signer.key;
  return { name, id, signature: new Uint8Array(signer.sign(utf8(text))) };
}

/** The signature line of a witness. Whoever calls has checked that this checkpoint follows from every earlier one of its log. */
export function cosignCheckpoint(signer: Signer, text: string, time: bigint): NoteSignature {
  demand(signer, 'cosignature');
  parseCheckpoint(text);
  const { name, id } = signer.key;
  const signature = new Uint8Array(signer.sign(cosignedMessage(text, time)));
  return { name, id, signature: encodeCosignature({ time, signature }) };
}
