/** 统一社会信用代码, GB 32100: two letters of register and kind, six digits of region, nine of GB 11714 body, one check character. */

const USCC_CHARACTERS = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const USCC_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const BODY_CHARACTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const BODY_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2];

/** GB 11714: the ninth character of an organisation code that begins with these eight. */
export function organisationCheck(first8: string): string {
  const rest = 11 - (weighted(first8, BODY_CHARACTERS, BODY_WEIGHTS) % 11);
  return rest === 10 ? 'X' : rest === 11 ? '0' : String(rest);
}

/** GB 32100: the eighteenth character of a code that begins with these seventeen. */
export function usccCheck(first17: string): string {
  return USCC_CHARACTERS.charAt((31 - (weighted(first17, USCC_CHARACTERS, USCC_WEIGHTS) % 31)) % 31);
}

/** Throws when a character has no value in the standard, or there are too few or many: a caller's mistake. */
function weighted(text: string, characters: string, weights: readonly number[]): number {
  if (text.length !== weights.length) throw new RangeError(`not ${weights.length} characters`);
  return weights.reduce((sum, weight, i) => {
    const value = characters.indexOf(text.charAt(i));
    if (value < 0) throw new RangeError('a character that the standard does not have');
    return sum + weight * value;
  }, 0);
}

/**
 * The code of an invented institution: `12` (a public body, 事业单位), the real region, and a body that begins with X. Real
 * bodies are digits or begin with M, so no such code has been issued.
 */
export function inventedUscc(region: string, sevenDigits: string): string {
  if (!/^\d{6}$/.test(region) || !/^\d{7}$/.test(sevenDigits)) throw new RangeError('not digits');
  const body = `X${sevenDigits}`;
  const first17 = `12${region}${body}${organisationCheck(body)}`;
  return first17 + usccCheck(first17);
}
