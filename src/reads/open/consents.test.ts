import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consentEvidence, consentTerms } from '../../../test/support/any-events.ts';
import { type FreshDatabase, freshDatabase } from '../../../test/support/database.ts';
import { idOf, labelOf, openPlain, type PlainEvent } from '../../../test/support/plain-events.ts';
import { fillReadTables } from '../../../test/support/read-tables.ts';
import { residentStream } from '../../kernel/id.ts';
import type { Instant } from '../../kernel/instant.ts';
import { type ConsentListRequest, type ConsentStanding, consentsOf, consentsTo } from './consents.ts';

const at = (text: string) => `${text}T00:00:00.000Z` as Instant;
const terms = (n: number, from = '2026-12-01', until = '2027-12-01') => ({
  ...consentTerms(2 * n),
  validFrom: at(from),
  validUntil: at(until),
});
const on = (who: number, event: PlainEvent['event']): PlainEvent => ({ stream: residentStream(labelOf(who)), event });
const requested = (who: number, n: number, answerBy: string): PlainEvent =>
  on(who, {
    type: 'consent.requested@1',
    retained: { consentId: idOf('consent', n), terms: terms(n), answerBy: at(answerBy) },
    personal: { message: `message ${n}` },
  });
const granted = (who: number, n: number, from?: string, until?: string): PlainEvent =>
  on(who, {
    type: 'consent.granted@1',
    retained: { consentId: idOf('consent', n), terms: terms(n, from, until), evidence: consentEvidence },
    personal: {},
  });
const ended = (who: number, n: number, type: 'consent.denied@1' | 'consent.revoked@1'): PlainEvent =>
  on(who, { type, retained: { consentId: idOf('consent', n), reason: 'resident' }, personal: {} });

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
  await fillReadTables(db.sql, [
    requested(0, 0, '2027-01-10'),
    requested(0, 1, '2026-12-05'),
    granted(0, 2, '2026-12-01', '2027-02-01'),
    granted(0, 3, '2027-06-01', '2027-12-01'),
    requested(0, 4, '2027-01-10'),
    granted(0, 4),
    ended(0, 4, 'consent.revoked@1'),
    requested(0, 5, '2027-01-10'),
    ended(0, 5, 'consent.denied@1'),
    granted(1, 6),
  ]);
});
afterAll(() => db.drop());

const list = async (when: string, over: Partial<ConsentListRequest> = {}) =>
  consentsOf(db.sql, labelOf(0), { at: at(when), first: 50, ...over });
async function standings(when: string): Promise<Record<string, ConsentStanding>> {
  const { items } = await list(when);
  const names = new Map(Array.from({ length: 7 }, (_, n) => [idOf('consent', n), String(n)]));
  return Object.fromEntries(items.map(({ consentId, standing }) => [names.get(consentId), standing]));
}

describe('consents', () => {
  it('stand as of the instant asked for', async () => {
    const always = { 4: 'revoked', 5: 'denied' };
    expect(await standings('2026-12-02')).toEqual({
      0: 'pending',
      1: 'pending',
      2: 'live',
      3: 'not-yet-valid',
      ...always,
    });
    expect(await standings('2027-01-01')).toEqual({
      0: 'pending',
      1: 'expired',
      2: 'live',
      3: 'not-yet-valid',
      ...always,
    });
    expect(await standings('2027-07-01')).toEqual({ 0: 'expired', 1: 'expired', 2: 'expired', 3: 'live', ...always });
  });

  it('may be answered and used up to the very instant, which an answer includes and a validity does not', async () => {
    expect(await standings('2026-12-05')).toMatchObject({ 1: 'pending' });
    expect(await standings('2027-06-01')).toMatchObject({ 3: 'live' });
    expect(await standings('2027-02-01')).toMatchObject({ 2: 'expired' });
  });

  it('are listed the newest first, page by page, counted whole', async () => {
    const whole = await list('2026-12-02');
    expect(whole.items.map(({ consentId }) => consentId)).toEqual([5, 4, 3, 2, 1, 0].map((n) => idOf('consent', n)));
    expect(whole).toMatchObject({ matched: 6, hasNext: false });
    const first = await list('2026-12-02', { first: 4 });
    expect(first).toMatchObject({ matched: 6, hasNext: true });
    const after = first.items.at(-1)?.sortKey;
    if (after === undefined) throw new Error('the page is empty');
    const rest = await list('2026-12-02', { first: 4, after });
    expect(rest).toMatchObject({ matched: 6, hasNext: false });
    expect([...first.items, ...rest.items]).toEqual(whole.items);
  });

  it('are narrowed to the standings asked for, and counted so', async () => {
    expect(await list('2026-12-02', { standings: ['pending'], first: 1 })).toMatchObject({
      items: [{ consentId: idOf('consent', 1), answerBy: '2026-12-05T00:00:00.000Z' }],
      matched: 2,
      hasNext: true,
    });
    expect(await list('2026-12-02', { standings: [] })).toEqual({ items: [], matched: 0, hasNext: false });
  });

  it('bring what opens their whole terms, and the message of the request', async () => {
    const rows = (await list('2026-12-02')).items;
    const asked = rows.find(({ consentId }) => consentId === idOf('consent', 0));
    const given = rows.find(({ consentId }) => consentId === idOf('consent', 4));
    const unasked = rows.find(({ consentId }) => consentId === idOf('consent', 2));
    if (asked === undefined || given === undefined) throw new Error('consents are missing');
    expect(await openPlain([asked.terms, given.terms])).toMatchObject([
      { terms: { labels: ['HIV'] }, answerBy: '2027-01-10T00:00:00.000Z' },
      { terms: { labels: ['HIV'] }, evidence: consentEvidence },
    ]);
    expect(new TextDecoder().decode(given.message?.part.bytes)).toContain('message 4');
    expect(unasked?.message).toBeUndefined();
  });

  it('of an organisation are those that it asked for or was given, of whomever', async () => {
    const { items } = await consentsTo(db.sql, idOf('institution', 0), { at: at('2026-12-02'), first: 50 });
    const wanted = [0, 1, 2, 3, 4, 5, 6].filter((n) => (2 * n) % 3 === 0);
    expect(items.map(({ consentId }) => consentId)).toEqual(wanted.reverse().map((n) => idOf('consent', n)));
  });
});
