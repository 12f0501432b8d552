import { describe, expect, it } from 'vitest';
import {
  ANNA,
  asAnna,
  asBen,
  asDoctor,
  asOffice,
  asRegulator,
  CODE,
  closed,
  deceased,
  denied,
  granted,
  id16,
  instant,
  issued,
  mark,
  NOW,
  registered,
  requested,
  revoked,
  suspended,
  terms,
} from '../../../test/support/domain-samples.ts';
import { givenOf, type Happened, statesAfter } from '../../../test/support/given.ts';
import { type CodeCommand, codeDecider } from './decider.ts';
import { isActive } from './terms.ts';

const given = givenOf(codeDecider);
const OTHER = mark(22);
const issue = (codeRef = CODE): CodeCommand => ({ type: 'issue', codeRef, code: 'a code' });
const suspend = (change: object = {}): CodeCommand =>
  ({ type: 'suspend', codeRef: CODE, reason: 'resident', by: asAnna, resident: ANNA, ...change }) as CodeCommand;
const resume = (change: object = {}): CodeCommand =>
  ({ type: 'resume', codeRef: CODE, by: asAnna, resident: ANNA, ...change }) as CodeCommand;
const close = (change: object = {}): CodeCommand =>
  ({ type: 'close', codeRef: CODE, reason: 'office', by: asOffice, now: NOW, ...change }) as CodeCommand;
const resumed = { type: 'code.resumed@1', retained: { codeRef: CODE }, personal: {} } as const;

describe('issuing a code', () => {
  it('gives a registered, living resident one', () => {
    given(registered).when(issue()).emits(issued());
  });

  it('while one is live changes nothing, suspended or not: the existing one is returned', () => {
    given(registered, issued()).when(issue(OTHER)).changesNothing();
    given(registered, issued(), suspended()).when(issue(OTHER)).changesNothing();
  });

  it('after the last one was closed gives a new one, never the closed one again', () => {
    given(registered, issued(), closed()).when(issue(OTHER)).emits(issued(OTHER));
    given(registered, issued(), closed()).when(issue()).refuses('code-closed');
  });

  it('to nobody, or to the dead, is refused', () => {
    given().when(issue()).refuses('not-registered');
    given(registered, deceased).when(issue()).refuses('deceased');
  });
});

describe('suspending a code', () => {
  it('is the resident’s for the own one, and the office’s', () => {
    given(registered, issued()).when(suspend()).emits(suspended('resident'));
    given(registered, issued())
      .when(suspend({ reason: 'lost' }))
      .emits(suspended('lost'));
    for (const reason of ['resident', 'lost', 'misuse', 'office'] as const) {
      given(registered, issued())
        .when(suspend({ by: asOffice, reason }))
        .emits(suspended(reason));
    }
  });

  it('is nobody else’s, also not of one who is named like the resident', () => {
    const namesake = { ...asDoctor, id: ANNA };
    for (const by of [asBen, asDoctor, asRegulator, namesake]) {
      given(registered, issued()).when(suspend({ by })).refuses('not-permitted');
      given(registered, issued(), suspended()).when(resume({ by })).refuses('not-permitted');
    }
  });

  it('for the office’s reasons is not the resident’s', () => {
    for (const reason of ['misuse', 'office'] as const) {
      given(registered, issued()).when(suspend({ reason })).refuses('not-permitted');
    }
  });

  it('again changes nothing, except that the office’s goes over the resident’s', () => {
    given(registered, issued(), suspended())
      .when(suspend({ reason: 'lost' }))
      .changesNothing();
    given(registered, issued(), suspended('misuse')).when(suspend()).changesNothing();
    given(registered, issued(), suspended('misuse'))
      .when(suspend({ by: asOffice, reason: 'office' }))
      .changesNothing();
    given(registered, issued(), suspended())
      .when(suspend({ by: asOffice, reason: 'misuse' }))
      .emits(suspended('misuse'));
  });

  it('of no code, or of a closed one, is refused', () => {
    given(registered).when(suspend()).refuses('no-such-code');
    given(registered, issued())
      .when(suspend({ codeRef: OTHER }))
      .refuses('no-such-code');
    given(registered, issued(), closed()).when(suspend()).refuses('code-closed');
  });
});

describe('resuming a code', () => {
  it('takes back what the resident, or the office, suspended', () => {
    given(registered, issued(), suspended()).when(resume()).emits(resumed);
    given(registered, issued(), suspended('lost')).when(resume()).emits(resumed);
    given(registered, issued(), suspended('misuse'))
      .when(resume({ by: asOffice }))
      .emits(resumed);
  });

  it('that is not suspended changes nothing', () => {
    given(registered, issued()).when(resume()).changesNothing();
    given(registered, issued(), suspended(), resumed).when(resume()).changesNothing();
  });

  it('that the office suspended is not the resident’s, also when the resident had suspended it before', () => {
    given(registered, issued(), suspended('misuse')).when(resume()).refuses('suspended-by-office');
    given(registered, issued(), suspended(), suspended('office')).when(resume()).refuses('suspended-by-office');
  });

  it('of no code, or of a closed one, is refused', () => {
    given(registered).when(resume()).refuses('no-such-code');
    given(registered, issued(), closed()).when(resume()).refuses('code-closed');
  });
});

describe('closing a code', () => {
  it('ends pending requests and live grants, also those that are valid only later', () => {
    const later = terms({ validFrom: instant('2027-01-01T00:00:00.000Z') });
    given(registered, issued(), requested(id16(1)), granted(id16(2)), granted(id16(3), later))
      .when(close())
      .emits(
        { type: 'code.closed@1', retained: { codeRef: CODE, reason: 'office' }, personal: {} },
        denied(id16(1), 'code-closed'),
        revoked(id16(2), 'code-closed'),
        revoked(id16(3), 'code-closed'),
      );
  });

  it('leaves what has ended already', () => {
    const over = terms({ validUntil: instant('2026-11-22T09:00:00.000Z') });
    given(
      registered,
      issued(),
      requested(id16(1), terms(), instant('2026-11-22T08:59:59.999Z')),
      granted(id16(2), over),
      granted(id16(3)),
      revoked(id16(3)),
      requested(id16(4)),
      denied(id16(4)),
    )
      .when(close())
      .emits({ type: 'code.closed@1', retained: { codeRef: CODE, reason: 'office' }, personal: {} });
  });

  it('again changes nothing', () => {
    given(registered, issued(), closed()).when(close()).changesNothing();
    given(registered, issued(), closed(), issued(OTHER), granted()).when(close()).changesNothing();
  });

  it('is the office’s alone; of no code it is refused', () => {
    given(registered, issued())
      .when(close({ by: asAnna }))
      .refuses('not-permitted');
    given(registered, issued())
      .when(close({ by: asDoctor }))
      .refuses('not-permitted');
    given(registered).when(close()).refuses('no-such-code');
  });
});

it('a code is active from its issue to its closing, but not while it is suspended', () => {
  const active = (...past: readonly Happened[]) => isActive(statesAfter(...past).code, CODE);
  expect(active(registered)).toBe(false);
  expect(active(registered, issued())).toBe(true);
  expect(active(registered, issued(OTHER))).toBe(false);
  expect(active(registered, issued(), suspended())).toBe(false);
  expect(active(registered, issued(), suspended(), resumed)).toBe(true);
  expect(active(registered, issued(), closed())).toBe(false);
});
