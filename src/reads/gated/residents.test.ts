import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/support/database.ts';
import { labelOf, markOf, type PlainEvent } from '../../../test/support/plain-events.ts';
import { fillReadTables } from '../../../test/support/read-tables.ts';
import type { AnyNewEvent } from '../../domain/catalogue.ts';
import { residentStream } from '../../kernel/id.ts';
import { codeStatesOf } from '../open/code-states.ts';
import { codesOf, resident, residentDocuments } from './residents.ts';

const document = (number: string) => ({ type: '03', issuer: 'urn:passport', number });
const of = (n: number, event: AnyNewEvent): PlainEvent => ({ stream: residentStream(labelOf(n)), event });
const registered = (n: number): PlainEvent =>
  of(n, {
    type: 'identity.registered@1',
    retained: { region: '350100', documents: [markOf('doc', n)] },
    personal: { name: `name ${n}`, documents: [document(`A${n}`)] },
  });
const linked = (n: number, number: string): PlainEvent =>
  of(n, {
    type: 'identity.document-linked@1',
    retained: { documents: [markOf('doc', 9)] },
    personal: { documents: [document(number)] },
  });
const issued = (n: number, code: number): PlainEvent =>
  of(n, {
    type: 'code.issued@1',
    retained: { codeRef: markOf('code', code), kind: 'static' },
    personal: { code: `code ${code}` },
  });

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
  await fillReadTables(db.sql, [
    registered(0),
    registered(1),
    linked(0, 'B'),
    linked(1, 'X'),
    linked(0, 'C'),
    issued(0, 1),
    issued(0, 2),
    issued(1, 3),
    of(0, { type: 'code.closed@1', retained: { codeRef: markOf('code', 1), reason: 'replaced' }, personal: {} }),
    of(1, { type: 'identity.deceased@1', retained: {}, personal: {} }),
  ]);
});
afterAll(() => db.drop());

const clear = (part: { part: { bytes: Uint8Array } } | undefined) =>
  JSON.parse(new TextDecoder().decode(part?.part.bytes));

describe('one resident', () => {
  it('is found by label, with the sealed part of the registration', async () => {
    const row = await resident(db.sql, labelOf(0));
    expect(row).toMatchObject({ label: labelOf(0), region: '350100', state: 'living', deceasedAt: null, revision: 0n });
    expect(clear(row?.personal)).toMatchObject({ name: 'name 0' });
    expect(await resident(db.sql, labelOf(1))).toMatchObject({ state: 'deceased' });
    expect(await resident(db.sql, labelOf(2))).toBeUndefined();
  });

  it('has the documents that were linked, in order, and nobody else’s', async () => {
    const rows = await residentDocuments(db.sql, labelOf(0));
    expect(rows.map(({ personal }) => clear(personal).documents[0].number)).toEqual(['B', 'C']);
    expect(await residentDocuments(db.sql, labelOf(2))).toEqual([]);
  });

  it('has codes in the order of issue; their text is in the sealed part only', async () => {
    const rows = await codesOf(db.sql, labelOf(0));
    expect(rows.map(({ codeRef, state, personal }) => [codeRef, state, clear(personal).code])).toEqual([
      [markOf('code', 1), 'closed', 'code 1'],
      [markOf('code', 2), 'active', 'code 2'],
    ]);
  });

  it('has states of codes that whoever may not open anything may see', async () => {
    expect(await codeStatesOf(db.sql, labelOf(0))).toEqual([
      { codeRef: markOf('code', 1), state: 'closed', issuedAt: expect.any(String), changedAt: expect.any(String) },
      { codeRef: markOf('code', 2), state: 'active', issuedAt: expect.any(String), changedAt: expect.any(String) },
    ]);
  });
});
