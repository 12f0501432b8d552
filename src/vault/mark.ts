import { parseBase64Url, toBase64Url } from '../kernel/base64.ts';
import { type Bytes, concat, lp, utf8 } from '../kernel/bytes.ts';
import { Malformed } from '../kernel/fault.ts';
import type { Mark } from '../kernel/id.ts';
import type { Suite } from '../kernel/suite.ts';
import { documentNormalForm } from './normal-form.ts';

/** Marks stand in retained parts and clear columns for what nobody may read there. Each stream's tag key makes them incomparable between streams. */

const mark = (suite: Suite, tagKey: Uint8Array, tag: string, ...parts: readonly Uint8Array[]): Mark =>
  toBase64Url(suite.hmac(tagKey, utf8(tag), ...parts)) as Mark;

/** One sensitivity or confidentiality code of a record: HMAC(tagKey, "hrl/mark/v1\n" ‖ lp(code)). */
export const labelMark = (suite: Suite, tagKey: Uint8Array, code: string): Mark =>
  mark(suite, tagKey, 'hrl/mark/v1\n', lp(code));

/** Which document of which system a record is: HMAC(tagKey, "hrl/source/v1\n" ‖ lp(system) ‖ lp(type) ‖ lp(id)). */
export const sourceMark = (suite: Suite, tagKey: Uint8Array, system: string, type: string, id: string): Mark =>
  mark(suite, tagKey, 'hrl/source/v1\n', lp(system), lp(type), lp(id));

/** Which bytes of it: HMAC(tagKey, "hrl/source-bytes/v1\n" ‖ source[32] ‖ bytes). */
export function sourceVersionMark(suite: Suite, tagKey: Uint8Array, source: Mark, bytes: Uint8Array): Mark {
  return mark(suite, tagKey, 'hrl/source-bytes/v1\n', markBytes(source), bytes);
}

/** An identity document: HMAC(tagKey, "hrl/document/v1\n" ‖ lp(type) ‖ lp(issuer) ‖ lp(normal form)). */
export const documentMark = (suite: Suite, tagKey: Uint8Array, type: string, issuer: string, number: string): Mark =>
  mark(suite, tagKey, 'hrl/document/v1\n', concat(lp(type), lp(issuer), lp(documentNormalForm(type, number))));

/** A health code: HMAC(tagKey, "hrl/code/v1\n" ‖ lp(code)). */
export const codeMark = (suite: Suite, tagKey: Uint8Array, code: string): Mark =>
  mark(suite, tagKey, 'hrl/code/v1\n', lp(code));

function markBytes(value: Mark): Bytes {
  const bytes = parseBase64Url(value);
  if (bytes?.length !== 32) throw new Malformed('mark', 'not 32 bytes in base64url');
  return bytes;
}
