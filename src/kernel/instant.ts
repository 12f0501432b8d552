import type { Brand } from './brand.ts';
import { Malformed } from './fault.ts';

/** RFC 3339 UTC with exactly three decimals, `YYYY-MM-DDTHH:MM:SS.sssZ`. One length, so text order is time order. */
export type Instant = Brand<string, 'Instant'>;
/** A calendar day, `YYYY-MM-DD`; text order is day order. */
export type Day = Brand<string, 'Day'>;

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{3})Z$/;
const DAY = /^(\d{4})-(\d\d)-(\d\d)$/;

function daysOfMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function isDate(year: number, month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= daysOfMonth(year, month);
}

export function isInstant(text: string): text is Instant {
  const m = INSTANT.exec(text);
  if (m === null) return false;
  return (
    isDate(Number(m[1]), Number(m[2]), Number(m[3])) && Number(m[4]) < 24 && Number(m[5]) < 60 && Number(m[6]) < 60
  );
}

export function parseInstant(text: string, path = 'instant'): Instant {
  if (!isInstant(text)) throw new Malformed(path, 'not an instant of the form YYYY-MM-DDTHH:MM:SS.sssZ');
  return text;
}

export function isDay(text: string): text is Day {
  const m = DAY.exec(text);
  return m !== null && isDate(Number(m[1]), Number(m[2]), Number(m[3]));
}

export function parseDay(text: string, path = 'day'): Day {
  if (!isDay(text)) throw new Malformed(path, 'not a day of the form YYYY-MM-DD');
  return text;
}

/** Days since 1970-01-01 of a proleptic Gregorian date (Howard Hinnant's days_from_civil). */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function civilFromDays(days: number): [year: number, month: number, day: number] {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const mp = Math.floor((5 * dayOfYear + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - Math.floor((153 * mp + 2) / 5) + 1];
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

/** Milliseconds since 1970-01-01T00:00:00Z; no `Date`, so that pure code may use it. */
export function toEpochMs(instant: Instant): number {
  const day = daysFromCivil(Number(instant.slice(0, 4)), Number(instant.slice(5, 7)), Number(instant.slice(8, 10)));
  const seconds =
    Number(instant.slice(11, 13)) * 3600 + Number(instant.slice(14, 16)) * 60 + Number(instant.slice(17, 19));
  return day * 86_400_000 + seconds * 1000 + Number(instant.slice(20, 23));
}

/** The instant of an epoch millisecond between years 0000 and 9999; a fraction is cut. */
export function fromEpochMs(ms: number): Instant {
  const whole = Math.floor(ms);
  const days = Math.floor(whole / 86_400_000);
  const rest = whole - days * 86_400_000;
  const [year, month, day] = civilFromDays(days);
  if (!Number.isFinite(ms) || year < 0 || year > 9999) throw new RangeError('instant outside years 0000 to 9999');
  const time = `${pad(Math.floor(rest / 3_600_000), 2)}:${pad(Math.floor(rest / 60_000) % 60, 2)}:${pad(Math.floor(rest / 1000) % 60, 2)}`;
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${time}.${pad(rest % 1000, 3)}Z` as Instant;
}

export function addMs(instant: Instant, ms: number): Instant {
  return fromEpochMs(toEpochMs(instant) + ms);
}

export function dayOf(instant: Instant): Day {
  return instant.slice(0, 10) as Day;
}

/** The UTC year, as it stands in the key id of a retained part. */
export function yearOf(instant: Instant): number {
  return Number(instant.slice(0, 4));
}

export function earliest(first: Instant, ...others: readonly Instant[]): Instant {
  return others.reduce((a, b) => (b < a ? b : a), first);
}

export function latest(first: Instant, ...others: readonly Instant[]): Instant {
  return others.reduce((a, b) => (b > a ? b : a), first);
}
