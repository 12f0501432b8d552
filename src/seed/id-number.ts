import { idCardCheckDigit } from '../domain/identity/id-card.ts';
import { type Day, dayOf, fromEpochMs } from '../kernel/instant.ts';
import { randomOf } from './random.ts';
import { PREFECTURES } from './region.ts';

/**
 * ID card numbers (GB 11643) that are right in every digit and belong to nobody, for two reasons at once. The serial is one of
 * 996–999, which police stations kept for people over a hundred when numbers had 15 digits; these people are born after 1930.
 * The region is a prefecture's code (county part 00), as in the published sample 110100…; real cards bear a county's.
 */
const SERIALS = ['996', '997', '998', '999'] as const;
const FIRST_BIRTH_MS = Date.UTC(1936, 0, 1);
const BIRTH_DAYS = (Date.UTC(2026, 0, 1) - FIRST_BIRTH_MS) / 86_400_000;

/** So many different people can be made: one of each region, birth date and serial. */
export const MAX_RESIDENTS = PREFECTURES.length * BIRTH_DAYS * SERIALS.length;

/** About 0.618 of `MAX_RESIDENTS`, and prime, so that steps of this length visit every number once and spread evenly. */
const STEP = 731_413;

interface InventedIdCard {
  readonly number: string;
  readonly birthDate: Day;
  readonly sex: 'male' | 'female';
}

/** The card of the i-th resident; different for each i below `MAX_RESIDENTS`, and the first ones of any size the same. */
export function inventedIdCard(seed: string, i: number): InventedIdCard {
  if (!Number.isInteger(i) || i < 0 || i >= MAX_RESIDENTS) throw new RangeError('no such resident');
  const start = randomOf(`${seed}/id-card`).int(MAX_RESIDENTS);
  const place = (start + i * STEP) % MAX_RESIDENTS;
  const serial = SERIALS[place % SERIALS.length] ?? SERIALS[0];
  const rest = Math.floor(place / SERIALS.length);
  const region = PREFECTURES[rest % PREFECTURES.length]?.code ?? '';
  const birthDate = dayOf(fromEpochMs(FIRST_BIRTH_MS + Math.floor(rest / PREFECTURES.length) * 86_400_000));
  const first17 = region + birthDate.replaceAll('-', '') + serial;
  return { number: first17 + idCardCheckDigit(first17), birthDate, sex: Number(serial) % 2 === 1 ? 'male' : 'female' };
}
