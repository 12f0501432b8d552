import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/support/database.ts';
import { idOf, openPlain, type PlainEvent } from '../../../test/support/plain-events.ts';
import { fillReadTables } from '../../../test/support/read-tables.ts';
import { type Id16, institutionStream, practitionerStream } from '../../kernel/id.ts';
import type { SealedRef } from '../../vault/port.ts';
import {
  institution,
  institutionNamesAt,
  institutions,
  practitioner,
  practitionerNamesAt,
  practitioners,
} from './parties.ts';

const profile = (name: string) => ({ identifiers: [{ system: 's', number: '1' }], name, contacts: 'given' as const });
const founded = (n: number): PlainEvent => ({
  stream: institutionStream(idOf('institution', n)),
  event: {
    type: 'institution.registered@1',
    retained: { ...profile(`institution ${n}`), region: n < 5 ? '350100' : '350200' },
    personal: { phone: '1' },
  },
});
const renamed = (n: number, name: string): PlainEvent => ({
  stream: institutionStream(idOf('institution', n)),
  event: { type: 'institution.changed@1', retained: { ...profile(name), contacts: 'none' }, personal: {} },
});
/** Something else in the same stream, so that revisions and versions part. */
const missed = (n: number): PlainEvent => ({
  stream: institutionStream(idOf('institution', n)),
  event: { type: 'access.missed@1', retained: { purpose: 'TREAT', selection: { what: 'code' } }, personal: {} },
});
const hired = (n: number, ...places: number[]): PlainEvent => ({
  stream: practitionerStream(idOf('practitioner', n)),
  event: {
    type: 'practitioner.registered@1',
    retained: {
      ...profile(`practitioner ${n}`),
      affiliations: places.map((place) => idOf('institution', place)).sort(),
    },
    personal: {},
  },
});

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
  await fillReadTables(db.sql, [
    ...Array.from({ length: 8 }, (_, n) => founded(n)),
    missed(0),
    renamed(0, 'second name'),
    missed(0),
    renamed(0, 'third name'),
    {
      stream: institutionStream(idOf('institution', 1)),
      event: { type: 'institution.ended@1', retained: { reason: 'r' }, personal: {} },
    },
    hired(0, 0, 1),
    hired(1, 1),
    hired(2),
  ]);
});
afterAll(() => db.drop());

async function names(parts: readonly (SealedRef | undefined)[]): Promise<(string | undefined)[]> {
  const opened = await openPlain(parts.filter((part) => part !== undefined));
  let next = 0;
  return parts.map((part) => {
    if (part === undefined) return undefined;
    const retained = opened[next++];
    return retained === undefined || retained === 'expired' ? undefined : String(retained.name);
  });
}

describe('institutions and practitioners', () => {
  it('are found by id, with what opens the profile in force and the contacts', async () => {
    const row = await institution(db.sql, idOf('institution', 0));
    expect(row).toMatchObject({
      id: idOf('institution', 0),
      state: 'active',
      region: null,
      revision: 4n,
      contacts: undefined,
    });
    expect(await names([row?.profile])).toEqual(['third name']);
    const ended = await institution(db.sql, idOf('institution', 1));
    expect(ended).toMatchObject({ state: 'ended', region: '350100' });
    expect(await names([ended?.profile])).toEqual(['institution 1']);
    expect(new TextDecoder().decode(ended?.contacts?.part.bytes)).toContain('phone');
    expect(await institution(db.sql, idOf('institution', 99))).toBeUndefined();
    expect(await practitioner(db.sql, idOf('practitioner', 2))).toMatchObject({ affiliations: [], state: 'active' });
    expect(await practitioner(db.sql, idOf('practitioner', 99))).toBeUndefined();
  });

  it('are listed by id, page by page', async () => {
    const seen: Id16[] = [];
    for (let page = await institutions(db.sql, { first: 3 }); ; ) {
      seen.push(...page.items.map(({ id }) => id));
      const last = page.items.at(-1);
      if (!page.hasNext || last === undefined) break;
      page = await institutions(db.sql, { first: 3, after: last.id });
    }
    expect(seen).toEqual(Array.from({ length: 8 }, (_, n) => idOf('institution', n)).sort());
  });

  it('are narrowed by region, and by where somebody works', async () => {
    const there = await institutions(db.sql, { first: 50, region: '350200' });
    expect(there.items.map(({ id }) => id)).toEqual([5, 6, 7].map((n) => idOf('institution', n)).sort());
    const { items } = await practitioners(db.sql, { first: 50, organisation: idOf('institution', 1) });
    expect(items.map(({ id }) => id)).toEqual([0, 1].map((n) => idOf('practitioner', n)).sort());
    expect(items.find(({ id }) => id === idOf('practitioner', 1))?.affiliations).toEqual([idOf('institution', 1)]);
  });

  it('have the name that they had at a revision, whatever else stood in their account', async () => {
    const id = idOf('institution', 0);
    const asked = [0n, 1n, 2n, 3n, 4n, 9n, null].map((revision) => ({ id, revision }));
    expect(await names(await institutionNamesAt(db.sql, asked))).toEqual([
      'institution 0',
      'institution 0',
      'second name',
      'second name',
      'third name',
      'third name',
      'third name',
    ]);
  });

  it('are named in the order asked for, one answer a question, none for a stranger', async () => {
    const asked = [3, 99, 2, 3].map((n) => ({ id: idOf('institution', n), revision: 0n }));
    expect(await names(await institutionNamesAt(db.sql, asked))).toEqual([
      'institution 3',
      undefined,
      'institution 2',
      'institution 3',
    ]);
    expect(await institutionNamesAt(db.sql, [])).toEqual([]);
    expect(await names(await practitionerNamesAt(db.sql, [{ id: idOf('practitioner', 1), revision: null }]))).toEqual([
      'practitioner 1',
    ]);
  });
});
