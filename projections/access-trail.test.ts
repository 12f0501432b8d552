import { describe, expect, it } from 'vitest';
import { institutionStream, practitionerStream, residentStream } from '../src/kernel/id.ts';
import { rowsAfter } from '../test/support/fold-read-model.ts';
import { idOf, labelOf, markOf, type PlainEvent } from '../test/support/plain-events.ts';
import { accessTrail } from './access-trail.ts';

const id = idOf('practitioner', 0);
const organisation = idOf('institution', 0);
const common = {
  by: { kind: 'practitioner' as const, id, organisation, onBehalfOf: idOf('practitioner', 9) },
  trace: 'trace-0001',
  seen: [
    { stream: residentStream(labelOf(0)), revision: 12, kinds: ['consent.'] },
    { stream: practitionerStream(id), revision: 3, kinds: ['practitioner.'] },
    { stream: institutionStream(organisation), revision: 0, kinds: ['institution.'] },
  ],
};
const denied: PlainEvent = {
  stream: residentStream(labelOf(0)),
  event: {
    type: 'access.denied@1',
    retained: { purpose: 'ETREAT', selection: { what: 'records' }, rule: 'no-consent' },
    personal: {},
  },
  ...common,
};
const missed: PlainEvent = {
  stream: practitionerStream(id),
  event: { type: 'access.missed@1', retained: { purpose: 'TREAT', selection: { what: 'code' } }, personal: {} },
  ...common,
};
const logRead: PlainEvent = {
  stream: residentStream(labelOf(0)),
  by: { kind: 'resident', id: labelOf(0) },
  event: {
    type: 'access.log-read@1',
    retained: {
      filter: { resident: labelOf(0), purpose: 'TREAT' },
      basis: 'PIPL-44',
      page: 1,
      served: { count: 0, matched: 0, root: markOf('root', 0) },
      salt: markOf('salt', 0),
    },
    personal: {},
  },
};

describe('the access trail', () => {
  it('says who, for whom, from where and what for, and at which revisions their names are to be read', async () => {
    expect(await rowsAfter(accessTrail, [denied])).toMatchObject([
      {
        kind: 'denied',
        label: labelOf(0),
        actorKind: 'practitioner',
        actorId: id,
        organisation,
        onBehalfOf: idOf('practitioner', 9),
        purpose: 'ETREAT',
        trace: 'trace-0001',
        practitionerRevision: 3n,
        institutionRevision: 0n,
        ordinal: 0n,
      },
    ]);
  });

  it('what stands in the account of the asker is of no resident', async () => {
    expect(await rowsAfter(accessTrail, [missed])).toMatchObject([
      { kind: 'missed', label: null, stream: missed.stream },
    ]);
  });

  it('a log that was read stands in the account of its resident, without a purpose of its own', async () => {
    expect(await rowsAfter(accessTrail, [logRead])).toMatchObject([
      { kind: 'log-read', label: labelOf(0), actorKind: 'resident', purpose: null, practitionerRevision: null },
    ]);
  });

  it('once its details have expired, it still says that something happened, when and in whose account', async () => {
    const [row] = await rowsAfter(accessTrail, [{ ...denied, expired: true }]);
    expect(row).toMatchObject({
      kind: 'denied',
      label: labelOf(0),
      revision: 0n,
      actorId: null,
      purpose: null,
      trace: null,
    });
    expect(row?.time).toMatch(/^2026-11-22T/);
  });

  it('counts all events of the ledger, not those of the trail alone', async () => {
    const code: PlainEvent = {
      stream: residentStream(labelOf(1)),
      event: { type: 'code.resumed@1', retained: { codeRef: markOf('code', 0) }, personal: {} },
    };
    const rows = await rowsAfter(accessTrail, [code, denied, code, missed]);
    expect(rows.map(({ ordinal }) => ordinal).sort()).toEqual([1n, 3n]);
  });
});
