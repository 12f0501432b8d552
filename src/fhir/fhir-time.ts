import { addMs, type Day, dayOf, type Instant, isDay, isInstant } from '../kernel/instant.ts';

/** What a FHIR date, dateTime or instant says: the UTC days that it can mean, and the instant at which it begins. */
export interface FhirTime {
  readonly from: Day;
  readonly to: Day;
  readonly at: Instant;
}

const DATE = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/;
const DATE_TIME = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;
const MINUTE = 60_000;

/** Reads `YYYY`, `YYYY-MM`, `YYYY-MM-DD` or a time with its offset; `undefined` for anything else, years 0000 and 9999 included. */
export function parseFhirTime(value: unknown): FhirTime | undefined {
  if (typeof value !== 'string' || value.startsWith('0000') || value.startsWith('9999')) return undefined;
  return parseDate(value) ?? parseDateTime(value);
}

function parseDate(text: string): FhirTime | undefined {
  const m = DATE.exec(text);
  if (m === null) return undefined;
  const [, year, month, day] = m;
  const from = `${year}-${month ?? '01'}-${day ?? '01'}`;
  if (!isDay(from)) return undefined;
  return { from, to: day === undefined ? lastDay(`${year}-${month ?? '12'}`) : from, at: startOf(from) };
}

/** The last day of `YYYY-MM`, that is a real month. */
function lastDay(month: string): Day {
  const day = ['31', '30', '29', '28'].map((d) => `${month}-${d}`).find(isDay);
  if (day === undefined) throw new Error('a month without a last day');
  return day;
}

function startOf(day: Day): Instant {
  return `${day}T00:00:00.000Z` as Instant;
}

function parseDateTime(text: string): FhirTime | undefined {
  const m = DATE_TIME.exec(text);
  if (m === null) return undefined;
  const [, date, minutes, seconds, fraction = '', sign, offsetHours = '00', offsetMinutes = '00'] = m;
  // FHIR allows the leap second 60; no instant here has one, so it counts as the second before.
  const whole = `${date}T${minutes}:${seconds === '60' ? '59' : seconds}.${fraction.padEnd(3, '0').slice(0, 3)}Z`;
  if (!isInstant(whole) || Number(offsetHours) > 14 || Number(offsetMinutes) > 59) return undefined;
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * MINUTE;
  const at = addMs(whole, sign === '-' ? offset : -offset);
  return { from: dayOf(at), to: dayOf(at), at };
}
