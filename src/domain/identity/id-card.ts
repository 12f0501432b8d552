import { type Day, isDay } from '../../kernel/instant.ts';

/** 公民身份号码, GB 11643: six digits of region, eight of birth date, three of serial, one check character (ISO 7064 MOD 11-2). */

/** What a valid number says of its holder. */
export interface IdCard {
  /** All 18 characters; a number of 15 digits has been upgraded. */
  readonly number: string;
  /** GB/T 2260 code of where the holder first applied; the province is known, the county may have been renamed since. */
  readonly region: string;
  readonly birthDate: Day;
  readonly sex: 'male' | 'female';
}

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_CHARACTERS = '10X98765432';

/** GB/T 2260 provinces, municipalities and special regions; 83 stands on residence permits of residents of Taiwan. */
const PROVINCES: ReadonlySet<string> = new Set(
  '11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83'.split(' '),
);

/** Serials of 15-digit numbers kept for people over a hundred when those were issued, so born in 18xx. */
const CENTENARIAN_SERIALS: ReadonlySet<string> = new Set(['996', '997', '998', '999']);

/** The 18th character of a number that begins with these 17 digits. Throws on anything else: a caller's mistake. */
export function idCardCheckDigit(first17: string): string {
  if (!/^\d{17}$/.test(first17)) throw new RangeError('an ID card number begins with 17 digits');
  let sum = 0;
  for (const [i, weight] of WEIGHTS.entries()) sum += weight * (first17.charCodeAt(i) - 0x30);
  return CHECK_CHARACTERS.charAt(sum % 11);
}

/** A 15-digit number, issued until 1999, with its century and check character. */
function upgraded(fifteen: string): string {
  const century = CENTENARIAN_SERIALS.has(fifteen.slice(12)) ? '18' : '19';
  const first17 = `${fifteen.slice(0, 6)}${century}${fifteen.slice(6)}`;
  return first17 + idCardCheckDigit(first17);
}

/** Reads a number in normal form (no spaces or hyphens, upper case); `undefined` when no such number can have been issued. */
export function parseIdCard(text: string): IdCard | undefined {
  if (!/^(?:\d{15}|\d{17}[\dX])$/.test(text)) return undefined;
  const number = text.length === 15 ? upgraded(text) : text;
  if (idCardCheckDigit(number.slice(0, 17)) !== number.slice(17)) return undefined;
  const region = number.slice(0, 6);
  const birthDate = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`;
  if (!PROVINCES.has(region.slice(0, 2)) || !isDay(birthDate) || birthDate < '1800') return undefined;
  return { number, region, birthDate, sex: '13579'.includes(number.charAt(16)) ? 'male' : 'female' };
}
