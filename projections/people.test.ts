import { describe, expect, it } from 'vitest';
import type { AnyNewEvent } from '../src/domain/catalogue.ts';
import { institutionStream, practitionerStream, residentStream } from '../src/kernel/id.ts';
import { rowsAfter } from '../test/support/fold-read-model.ts';
import { eventIdOf, idOf, labelOf, markOf, type PlainEvent } from '../test/support/plain-events.ts';
import { codes } from './codes.ts';
import { institutionVersions } from './institution-versions.ts';
import { institutions } from './institutions.ts';
import { practitionerVersions } from './practitioner-versions.ts';
import { practitioners } from './practitioners.ts';
import { residentDocuments } from './resident-documents.ts';
import { residents } from './residents.ts';

const of = (stream: PlainEvent['stream'], ...events: AnyNewEvent[]): PlainEvent[] =>
  events.map((event) => ({ stream, event }));
const document = { type: '03', issuer: 'urn:passport', number: 'E00000001' };
const registered: AnyNewEvent = {
  type: 'identity.registered@1',
  retained: { region: '350100', documents: [markOf('doc', 0)] },
  personal: { name: 'Zhang San', documents: [document] },
};
const linked: AnyNewEvent = {
  type: 'identity.document-linked@1',
  retained: { documents: [markOf('doc', 1)] },
  personal: { documents: [document] },
};
const died: AnyNewEvent = { type: 'identity.deceased@1', retained: {}, personal: {} };

describe('residents', () => {
  const stream = residentStream(labelOf(0));

  it('a resident has one row, from the registration on, with its personal part sealed', async () => {
    const [row] = await rowsAfter(residents, of(stream, registered, linked));
    expect(row).toMatchObject({ label: labelOf(0), region: '350100', state: 'living', eventId: eventIdOf('law', 0) });
    expect(row?.personal).toBeInstanceOf(Uint8Array);
    expect(Object.values(row ?? {})).not.toContain('Zhang San');
  });

  it('death is recorded once, at the first report', async () => {
    const [once] = await rowsAfter(residents, of(stream, registered, died));
    const [twice] = await rowsAfter(residents, of(stream, registered, died, died));
    expect(once).toMatchObject({ state: 'deceased', eventId: eventIdOf('law', 0) });
    expect(once?.deceasedAt).not.toBeNull();
    expect(twice).toEqual(once);
  });

  it('documents linked later are rows of their own; those shown at registration are not', async () => {
    expect(await rowsAfter(residentDocuments, of(stream, registered, linked))).toMatchObject([
      { eventId: eventIdOf('law', 1), label: labelOf(0), revision: 1n, eventType: 'identity.document-linked@1' },
    ]);
  });
});

describe('codes', () => {
  const stream = residentStream(labelOf(0));
  const codeRef = markOf('code', 0);
  const issued: AnyNewEvent = {
    type: 'code.issued@1',
    retained: { codeRef, kind: 'static' },
    personal: { code: 'C-1' },
  };
  const suspended: AnyNewEvent = { type: 'code.suspended@1', retained: { codeRef, reason: 'lost' }, personal: {} };
  const resumed: AnyNewEvent = { type: 'code.resumed@1', retained: { codeRef }, personal: {} };
  const closed: AnyNewEvent = { type: 'code.closed@1', retained: { codeRef, reason: 'office' }, personal: {} };

  it.each([
    ['active', [issued]],
    ['suspended', [issued, suspended]],
    ['active', [issued, suspended, resumed]],
    ['closed', [issued, suspended, closed]],
  ])('a code is %s after its last event and always shows the one that issued it', async (state, events) => {
    expect(await rowsAfter(codes, of(stream, ...events))).toMatchObject([
      { codeRef, state, label: labelOf(0), revision: 0n, eventId: eventIdOf('law', 0), eventType: 'code.issued@1' },
    ]);
  });

  it('what was never issued has no row', async () => {
    expect(await rowsAfter(codes, of(stream, suspended, resumed, closed))).toEqual([]);
  });
});

const profile = (name: string, contacts: 'given' | 'kept' | 'none') => ({
  identifiers: [{ system: 's', number: '1' }],
  name,
  contacts: contacts as 'given',
});

describe('institutions and practitioners', () => {
  const institution = institutionStream(idOf('institution', 0));
  const practitioner = practitionerStream(idOf('practitioner', 0));
  const founded: AnyNewEvent = {
    type: 'institution.registered@1',
    retained: { ...profile('One', 'given'), region: '350100' },
    personal: { phone: '1' },
  };
  const renamed = (contacts: 'given' | 'kept' | 'none'): AnyNewEvent => ({
    type: 'institution.changed@1',
    retained: profile('Two', contacts),
    personal: {},
  });
  const closed: AnyNewEvent = { type: 'institution.ended@1', retained: { reason: 'merged' }, personal: {} };

  it('an institution shows its last profile, also after its end', async () => {
    const [row] = await rowsAfter(institutions, of(institution, founded, renamed('none'), closed));
    expect(row).toMatchObject({
      id: idOf('institution', 0),
      state: 'ended',
      region: null,
      revision: 1n,
      eventId: eventIdOf('law', 1),
    });
    expect(row?.endedAt).toBe(row?.changedAt);
  });

  it('contacts that a change keeps are opened with the event that gave them; others replace them or take them away', async () => {
    const [given] = await rowsAfter(institutions, of(institution, founded));
    const [kept] = await rowsAfter(institutions, of(institution, founded, renamed('kept')));
    const [none] = await rowsAfter(institutions, of(institution, founded, renamed('none')));
    const [anew] = await rowsAfter(institutions, of(institution, founded, renamed('given')));
    expect(kept).toMatchObject({
      contactsEventId: eventIdOf('law', 0),
      personal: given?.personal,
      eventId: eventIdOf('law', 1),
    });
    expect(none).toMatchObject({ contactsEventId: null, personal: null, personalCommitment: null });
    expect(anew).toMatchObject({ contactsEventId: eventIdOf('law', 1) });
  });

  it('there is a version for each profile, none for the end', async () => {
    const rows = await rowsAfter(institutionVersions, of(institution, founded, renamed('none'), closed));
    expect(rows.map(({ version, revision }) => [version, revision])).toEqual([
      [`${idOf('institution', 0)}#0`, 0n],
      [`${idOf('institution', 0)}#1`, 1n],
    ]);
  });

  it('a practitioner is found by where they work now', async () => {
    const events = of(
      practitioner,
      {
        type: 'practitioner.registered@1',
        retained: { ...profile('Li', 'none'), affiliations: [idOf('institution', 0)] },
        personal: {},
      },
      {
        type: 'practitioner.changed@1',
        retained: { ...profile('Li', 'kept'), affiliations: [idOf('institution', 1)] },
        personal: {},
      },
    );
    expect(await rowsAfter(practitioners, events)).toMatchObject([
      { state: 'active', affiliations: [idOf('institution', 1)], contactsEventId: null },
    ]);
    expect(await rowsAfter(practitionerVersions, events)).toHaveLength(2);
  });
});
