import { isLabel, type Label, type StreamName, subjectOf } from '../../kernel/id.ts';
import { ClaimsBusy } from '../../vault/faults.ts';
import type { Actor } from '../actor.ts';
import type { App } from '../app.ts';
import { codeClaim } from '../claim-refs.ts';

/** The resident behind a code, by its claim; undefined when there is none. Codes resolve through claims, never through a read table. */
export async function labelOfCode(app: App, code: string): Promise<Label | undefined> {
  const [label] = await app.claims.lookup([codeClaim(code)]);
  return label !== undefined && isLabel(label) ? label : undefined;
}

/** Whose resident a command is about: the one behind the code, or, without a code, the resident who asks. */
export async function subjectLabel(app: App, actor: Actor, code: string | undefined): Promise<Label | undefined> {
  if (code !== undefined) return labelOfCode(app, code);
  return actor.role === 'resident' ? actor.label : undefined;
}

/**
 * Claims a new code for a resident, before `code.issued`. If the process stops right after, the code leads to a resident who has another
 * one, or none: nobody was told it. That a random code is somebody's already does not happen; if it did, nothing is issued.
 */
export async function claimCode(app: App, code: string, stream: StreamName): Promise<void> {
  const taken = await app.claims.take([codeClaim(code)], subjectOf(stream), { onlyProposed: true });
  if (taken === 'conflict') throw new ClaimsBusy();
}

/** A health code's letters: Crockford's base 32, which leaves out I, L, O and U so that none is misread. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 32 letters of 5 random bits: opaque, and beyond guessing. */
export function newCode(bytes: Uint8Array): string {
  if (bytes.length !== 32) throw new RangeError('a code is made of 32 random bytes');
  return Array.from(bytes, (byte) => ALPHABET[byte & 31]).join('');
}
