import { describe, expect, it } from 'vitest';
import {
  asAnna,
  asDoctor,
  asOffice,
  asSystem,
  CLINIC,
  deceased,
  doctor,
  doctorEnded,
  entry,
  hospital,
  id16,
  mark,
  recordRegistered,
  recordReplaced,
  registered,
  withdrawn,
} from '../../../test/support/domain-samples.ts';
import { givenOf, statesAfter } from '../../../test/support/given.ts';
import { importOutcomes, type RecordCommand, type RecordEntry, recordDecider } from './decider.ts';

const given = givenOf(recordDecider);
const BASE = [registered, hospital, doctor()];
const asClinic = { ...asDoctor, organisation: CLINIC };
const register = (record: RecordEntry, by = asDoctor): RecordCommand => ({ type: 'register', record, by });
const replace = (record: RecordEntry, by = asDoctor): RecordCommand => ({ type: 'replace', record, by });
const withdraw = (n: number, by = asDoctor): RecordCommand => ({
  type: 'withdraw',
  recordId: entry(n).retained.recordId,
  reason: 'entered-in-error',
  by,
});
const bring = (...records: RecordEntry[]) => ({ type: 'import', records, by: asSystem }) as const;
/** Other bytes of the n-th source, sent under an id of their own. */
const again = (n: number, v: number, change: object = {}) =>
  entry(n, { v, recordId: id16(9000 + 10 * n + v), ...change });

describe('registering a record', () => {
  it('of a new source leaves it in the index', () => {
    given(...BASE)
      .when(register(entry(1)))
      .emits(recordRegistered(entry(1)));
  });

  it('of a known source with the same bytes changes nothing', () => {
    given(...BASE, recordRegistered(entry(1)))
      .when(register(again(1, 0)))
      .changesNothing();
  });

  it('of a known source with other bytes replaces it and keeps its id', () => {
    const sent = again(1, 1);
    given(...BASE, recordRegistered(entry(1)))
      .when(register(sent))
      .emits(recordReplaced({ ...sent, retained: { ...sent.retained, recordId: entry(1).retained.recordId } }));
  });

  it('is the custodian’s; a system may bring every custodian’s', () => {
    given(...BASE)
      .when(register(entry(1, { custodian: CLINIC })))
      .refuses('not-custodian');
    given(...BASE)
      .when(register(entry(1, { custodian: CLINIC }), asSystem))
      .emits(recordRegistered(entry(1, { custodian: CLINIC })));
  });

  it('takes no record over: another organisation that names the same source is refused', () => {
    given(registered, hospital, doctor(CLINIC), recordRegistered(entry(1)))
      .when(register(again(1, 1, { custodian: CLINIC }), asClinic))
      .refuses('not-custodian');
  });

  it('of a withdrawn source: the same bytes change nothing, others are refused', () => {
    const past = [...BASE, recordRegistered(entry(1)), withdrawn(entry(1).retained.recordId)];
    given(...past)
      .when(register(again(1, 0)))
      .changesNothing();
    given(...past)
      .when(register(again(1, 1)))
      .refuses('record-withdrawn');
  });

  it('keeps to its index, and to an id of its own', () => {
    given(...BASE, recordRegistered(entry(1)))
      .when(register(again(1, 1, { index: 'EHR' })))
      .refuses('source-fixed');
    given(...BASE, recordRegistered(entry(1)))
      .when(register(entry(2, { recordId: entry(1).retained.recordId })))
      .refuses('id-taken');
  });

  it('of the dead goes on, of nobody is refused', () => {
    given(...BASE, deceased)
      .when(register(entry(1)))
      .emits(recordRegistered(entry(1)));
    given(hospital, doctor())
      .when(register(entry(1)))
      .refuses('not-registered');
  });

  it('is a practitioner’s in good standing, or a system’s', () => {
    for (const by of [asAnna, asOffice])
      given(...BASE)
        .when(register(entry(1), by))
        .refuses('not-permitted');
    given(registered, hospital)
      .when(register(entry(1)))
      .refuses('unknown-actor');
    given(...BASE, doctorEnded)
      .when(register(entry(1)))
      .refuses('actor-ended');
    given(...BASE)
      .when(register(entry(1, { custodian: CLINIC }), asClinic))
      .refuses('not-affiliated');
  });
});

describe('replacing a record', () => {
  const known = [...BASE, recordRegistered(entry(1))];

  it('gives it other bytes; the same change nothing; bytes it had before may come back', () => {
    given(...known)
      .when(replace(entry(1, { v: 1 })))
      .emits(recordReplaced(entry(1, { v: 1 })));
    given(...known)
      .when(replace(entry(1)))
      .changesNothing();
    given(...known, recordReplaced(entry(1, { v: 1 })))
      .when(replace(entry(1)))
      .emits(recordReplaced(entry(1)));
  });

  it('that is not there, has another source, or was withdrawn is refused', () => {
    given(...BASE)
      .when(replace(entry(1)))
      .refuses('no-such-record');
    const otherSource = entry(1, { source: { source: mark(1), version: mark(2) } });
    given(...known)
      .when(replace(otherSource))
      .refuses('source-fixed');
    given(...known, withdrawn(entry(1).retained.recordId))
      .when(replace(entry(1, { v: 1 })))
      .refuses('record-withdrawn');
  });

  it('is the custodian’s', () => {
    given(registered, hospital, doctor(CLINIC), recordRegistered(entry(1)))
      .when(replace(entry(1, { v: 1, custodian: CLINIC }), asClinic))
      .refuses('not-custodian');
  });
});

describe('withdrawing a record', () => {
  const known = [...BASE, recordRegistered(entry(1))];

  it('takes it off the index, and again changes nothing', () => {
    given(...known)
      .when(withdraw(1))
      .emits(withdrawn(entry(1).retained.recordId));
    given(...known, withdrawn(entry(1).retained.recordId))
      .when(withdraw(1))
      .changesNothing();
  });

  it('is the custodian’s or a system’s; what is not there is refused', () => {
    given(registered, hospital, doctor(CLINIC), recordRegistered(entry(1)))
      .when(withdraw(1, asClinic))
      .refuses('not-custodian');
    given(...known)
      .when(withdraw(1, asSystem))
      .emits(withdrawn(entry(1).retained.recordId));
    given(...known)
      .when(withdraw(2))
      .refuses('no-such-record');
  });
});

describe('importing records', () => {
  it('decides one after the other, each upon those before it', () => {
    const newer = again(1, 1);
    given(registered)
      .when(bring(entry(1), entry(2), again(1, 0), newer, again(1, 1)))
      .emits(
        recordRegistered(entry(1)),
        recordRegistered(entry(2)),
        recordReplaced({ ...newer, retained: { ...newer.retained, recordId: entry(1).retained.recordId } }),
      );
  });

  it('of what is known changes nothing, in any order, old bytes included', () => {
    const past = [
      registered,
      recordRegistered(entry(1)),
      recordReplaced(entry(1, { v: 1 })),
      recordRegistered(entry(2)),
    ];
    given(...past)
      .when(bring(entry(2), again(1, 0), again(1, 1)))
      .changesNothing();
  });

  it('leaves out what is refused, says why, and takes the rest', () => {
    const past = [
      registered,
      recordRegistered(entry(1)),
      recordRegistered(entry(2)),
      withdrawn(entry(2).retained.recordId),
    ];
    const command = bring(
      again(1, 1, { index: 'EHR' }),
      again(2, 1),
      entry(3, { recordId: entry(1).retained.recordId }),
      entry(4),
    );
    given(...past)
      .when(command)
      .emits(recordRegistered(entry(4)));
    expect(importOutcomes(command, statesAfter(...past).record)).toMatchObject([
      { kind: 'left', code: 'source-fixed' },
      { kind: 'left', code: 'record-withdrawn' },
      { kind: 'left', code: 'id-taken' },
      { kind: 'registered', recordId: entry(4).retained.recordId },
    ]);
  });

  it('of nobody’s records is refused as a whole', () => {
    given()
      .when(bring(entry(1)))
      .refuses('not-registered');
  });

  it('of another organisation’s by a practitioner takes only the own', () => {
    given(...BASE)
      .when({ type: 'import', records: [entry(1, { custodian: CLINIC }), entry(2)], by: asDoctor })
      .emits(recordRegistered(entry(2)));
  });
});
