import { parseBase64, toBase64, toHex } from '../kernel/base64.ts';
import { type Bytes, concat, utf8 } from '../kernel/bytes.ts';
import { Malformed } from '../kernel/fault.ts';
import type { Suite } from '../kernel/suite.ts';
import { isEd25519Point } from './ed25519.ts';
import { isKeyName } from './note.ts';

/** What a key signs: a note's text, or (as a witness) a checkpoint and a time. */
export type KeyKind = 'note' | 'cosignature';

/** Signature types of C2SP signed-note: all that is needed here, and no other. */
const TYPE_OF: { readonly [K in KeyKind]: number } = { note: 0x01, cosignature: 0x04 };

/** A public Ed25519 key under a name; C2SP's `vkey` (docs/spec/note.md). */
export interface VerifierKey {
  readonly kind: KeyKind;
  readonly name: string;
  /** The first four bytes of H(name ‖ 0x0A ‖ type ‖ public key), in hex: an identifier, not a commitment. */
  readonly id: string;
  readonly publicKey: Bytes;
}

/** Throws `Malformed` for a name that could stand in no note, and for a key that is none: wrong length or spelling, small order. */
export function verifierKey(suite: Suite, kind: KeyKind, name: string, publicKey: Uint8Array): VerifierKey {
  if (!isKeyName(name)) throw new Malformed('verifier key', 'not a name: empty, or with a space or plus');
  if (!isEd25519Point(publicKey)) throw new Malformed('verifier key', 'not an Ed25519 public key');
  const id = suite.hash(utf8(`${name}\n`), Uint8Array.of(TYPE_OF[kind]), publicKey).subarray(0, 4);
  return { kind, name, id: toHex(id), publicKey: new Uint8Array(publicKey) };
}

export function printVerifierKey({ kind, name, id, publicKey }: VerifierKey): string {
  return `${name}+${id}+${toBase64(concat(Uint8Array.of(TYPE_OF[kind]), publicKey))}`;
}

/** `<name>+<id in hex>+base64(type ‖ public key)`; the id must be the one that follows from the rest. */
export function parseVerifierKey(suite: Suite, text: string): VerifierKey {
  // Base64 may hold a plus, a name and an id may not.
  const [name = '', id, ...rest] = text.split('+');
  const key = parseBase64(rest.join('+'));
  const kind = (['note', 'cosignature'] as const).find((each) => TYPE_OF[each] === key?.[0]);
  if (key === undefined || rest.length === 0) throw new Malformed('verifier key', 'not `<name>+<id>+<base64>`');
  if (kind === undefined) throw new Malformed('verifier key', 'not of a signature type that is known here');
  const parsed = verifierKey(suite, kind, name, key.subarray(1));
  if (parsed.id !== id) throw new Malformed('verifier key', 'its id does not follow from its name and key');
  return parsed;
}
