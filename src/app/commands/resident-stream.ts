import { isLabel, type Label } from '../../kernel/id.ts';
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

/** A health code's letters: Crockford's base 32, which leaves out I, L, O and U so that none is misread. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 32 letters of 5 random bits: opaque, and beyond guessing. */
export function newCode(bytes: Uint8Array): string {
  if (bytes.length !== 32) throw new RangeError('a code is made of 32 random bytes');
  return Array.from(bytes, (byte) => ALPHABET[byte & 31]).join('');
}
