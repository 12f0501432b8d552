import { LIMITS } from './published.ts';

/** A fault that the reference expects: BAD_INPUT at the field, and no event. */
export class BadInput extends Error {
  constructor() {
    super('BAD_INPUT');
    this.name = 'BadInput';
  }
}

export type Args = Readonly<Record<string, unknown>>;

/** Nulls count as left out. */
export function without(args: Args): Args {
  return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null && value !== undefined));
}

/** Text that no store has one form for is refused before anything else is looked at. */
export function checkTexts(value: unknown): void {
  if (typeof value === 'string' && (!value.isWellFormed() || value.includes('\0'))) throw new BadInput();
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(checkTexts);
}

const length = (value: unknown, most: number): void => {
  if (value !== undefined && (typeof value !== 'string' || value.length < 1 || value.length > most))
    throw new BadInput();
};
const matches = (value: unknown, pattern: RegExp): void => {
  if (value !== undefined && (typeof value !== 'string' || !pattern.test(value))) throw new BadInput();
};

/** What the arguments of reads must be, beside what the SDL says. */
export function checkArguments(args: Args): void {
  const { first, after, categories, period, code, record, id, identifier } = args;
  if (typeof first === 'number' && (first < 1 || first > LIMITS.page)) throw new BadInput();
  length(after, 1024);
  length(code, 128);
  length(record, 1024);
  length(id, 64);
  if (Array.isArray(categories) && categories.length === 0) throw new BadInput();
  const days = period as { from: string; to: string } | undefined;
  if (days !== undefined && days.from > days.to) throw new BadInput();
  const number = identifier as { system: string; number: string } | undefined;
  length(number?.system, 256);
  length(number?.number, 128);
}

/** 16 bytes in base64url; the last letter holds two bits only. */
const ID16 = /^[A-Za-z0-9_-]{21}[AQgw]$/;

export function checkTrailFilter(filter: Args): void {
  length(filter.code, 128);
  matches(filter.person, /^[A-Za-z0-9_-]{22}(?:[A-Za-z0-9_-]{21})?$/);
  matches(filter.organisation, ID16);
  matches(filter.trace, /^[A-Za-z0-9._-]{8,64}$/);
}
