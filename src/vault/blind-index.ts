import { type Bytes, lp, utf8 } from '../kernel/bytes.ts';
import { Malformed } from '../kernel/fault.ts';
import type { Suite } from '../kernel/suite.ts';
import { documentNormalForm, plainNormalForm } from './normal-form.ts';
import type { ClaimRef } from './port.ts';

const CLAIM_TAG = utf8('hrl/claim/v1\n');

/** NFKC makes of one letter at most 18, of three bytes each: below this every normal form fits `lp`. */
const MAX_LETTERS = 1024;

/** What of a claim's value counts. A sign-in is taken byte for byte: two subjects of one issuer that look alike are two. */
function normalForm(claim: ClaimRef): string {
  switch (claim.kind) {
    case 'document':
      return documentNormalForm(claim.type, claim.value);
    case 'actor':
      return claim.value;
    case 'code':
    case 'institution':
    case 'practitioner':
      return plainNormalForm(claim.value);
  }
}

/**
 * HMAC(K_index[v], "hrl/claim/v1\n" ‖ lp(type) ‖ lp(issuer) ‖ lp(normal form)); docs/spec/claim.md. Under a key, because there are about 10^11
 * valid document numbers: any plain hash of one is reversible. An attacker may control issuer and value: throws `Malformed` when they are
 * no text, too long, or when nothing is left of the value in normal form.
 */
export function blindIndex(suite: Suite, indexKey: Uint8Array, claim: ClaimRef): Bytes {
  if (claim.kind !== 'document' && claim.type !== claim.kind) throw new Error('the type of such a claim is its kind');
  for (const text of [claim.type, claim.issuer, claim.value]) {
    if (text.length > MAX_LETTERS || !text.isWellFormed())
      throw new Malformed('claim', 'not text of at most 1,024 letters');
  }
  return suite.hmac(indexKey, CLAIM_TAG, lp(claim.type), lp(claim.issuer), lp(normalForm(claim)));
}
