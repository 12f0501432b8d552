import { describe, expect, it } from 'vitest';
import {
  ANNA,
  CODE,
  closed,
  DOCUMENT,
  deceased,
  granted,
  instant,
  issued,
  mark,
  NOW,
  PASSPORT,
  registered,
} from '../../../test/support/domain-samples.ts';
import { givenOf, statesAfter } from '../../../test/support/given.ts';
import type { AnyNewEvent } from '../catalogue.ts';
import { type IdentityCommand, identityDecider, MAX_DOCUMENTS, MAX_LOGINS } from './decider.ts';
import { written } from './documents.ts';

const given = givenOf(identityDecider);
const LOGIN = { mark: mark(71), issuer: 'https://idp.example', subject: 'anna' };
const person = { name: 'Anna', sex: 'female', birthDate: '1949-12-31' } as never;

const register = (change: object = {}): IdentityCommand => ({
  type: 'register',
  region: '110105',
  person,
  documents: [DOCUMENT],
  ...change,
});
const feed = (change: object = {}): IdentityCommand => ({ ...register(change), type: 'feed' }) as IdentityCommand;
const passports = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ ...PASSPORT, number: `P${i}`, mark: mark(500 + i) }));
const linked = (...documents: (typeof PASSPORT)[]): AnyNewEvent => ({
  type: 'identity.document-linked@1',
  retained: { documents: documents.map((document) => document.mark).toSorted() },
  personal: { documents: documents.map(written) },
});
const bound = (n = 71): AnyNewEvent => ({
  type: 'identity.login-bound@1',
  retained: { login: mark(n) },
  personal: { issuer: LOGIN.issuer, subject: LOGIN.subject },
});
const presented = {
  type: 'identity.presented@1',
  retained: { documents: [DOCUMENT.mark] },
  personal: {},
} as const;

describe('registering a person', () => {
  it('who is new opens the account with the documents and the sign-in', () => {
    given()
      .when(register({ login: LOGIN, documents: [PASSPORT, DOCUMENT, PASSPORT] }))
      .emits({
        type: 'identity.registered@1',
        retained: { region: '110105', documents: [DOCUMENT.mark, PASSPORT.mark], login: LOGIN.mark },
        personal: {
          ...(person as object),
          name: 'Anna',
          documents: [written(PASSPORT), written(DOCUMENT)],
          login: { issuer: LOGIN.issuer, subject: LOGIN.subject },
        },
      });
  });

  it('who is known leaves that the person was shown again', () => {
    given(registered).when(register()).emits(presented);
  });

  it('who is known by one document links the others', () => {
    given(registered)
      .when(register({ documents: [DOCUMENT, PASSPORT] }))
      .emits({ ...presented, retained: { documents: [DOCUMENT.mark, PASSPORT.mark] } }, linked(PASSPORT));
  });

  it('who is known binds a sign-in that is new', () => {
    given(registered)
      .when(register({ login: LOGIN }))
      .emits(presented, bound());
    given(registered, bound())
      .when(register({ login: LOGIN }))
      .emits(presented);
  });

  it('needs a document', () => {
    given()
      .when(register({ documents: [] }))
      .refuses('document-missing');
  });

  it('who has died is refused', () => {
    given(registered, deceased).when(register()).refuses('deceased');
  });

  it('takes no more documents than an account holds, at once or in all', () => {
    given()
      .when(register({ documents: passports(MAX_DOCUMENTS + 1) }))
      .refuses('too-many-documents');
    given(registered)
      .when(register({ documents: passports(MAX_DOCUMENTS) }))
      .refuses('too-many-documents');
  });
});

describe('an identity card number (GB 11643)', () => {
  it('that cannot have been issued is refused', () => {
    for (const number of ['110105194912310021', '11010519491331002X', '11010519491231002x', '', '110105491231002']) {
      given()
        .when(register({ documents: [{ ...DOCUMENT, number }] }))
        .refuses('id-card-invalid');
      given(registered)
        .when({ type: 'link-documents', documents: [{ ...DOCUMENT, number }] })
        .refuses('id-card-invalid');
    }
  });

  it('that says another birth date or sex than was given is refused', () => {
    given()
      .when(register({ person: { name: 'Anna', birthDate: '1949-12-30' } }))
      .refuses('id-card-mismatch');
    given()
      .when(register({ person: { name: 'Anna', sex: 'male' } }))
      .refuses('id-card-mismatch');
    expect(given().when(register({ person: { name: 'Anna', sex: 'other' } })).decision.kind).toBe('accept');
  });

  it('is checked of no other document', () => {
    expect(given().when(register({ documents: [{ ...PASSPORT, number: 'whatever' }] })).decision.kind).toBe('accept');
  });
});

describe('feeding a person from a file', () => {
  it('who is known with all documents changes nothing, dead or alive', () => {
    given(registered).when(feed()).changesNothing();
    given(registered, deceased)
      .when(feed({ login: LOGIN }))
      .changesNothing();
  });

  it('who is new registers, and a known one gets the documents that are new', () => {
    expect(given().when(feed()).decision).toMatchObject({ events: [{ type: 'identity.registered@1' }] });
    given(registered)
      .when(feed({ documents: [DOCUMENT, PASSPORT] }))
      .emits(linked(PASSPORT));
  });
});

describe('linking documents', () => {
  const link = (...documents: (typeof PASSPORT)[]): IdentityCommand => ({ type: 'link-documents', documents });

  it('links those that are new, each once', () => {
    given(registered)
      .when(link(PASSPORT, DOCUMENT, PASSPORT))
      .emits(linked(PASSPORT));
  });

  it('that are known changes nothing', () => {
    given(registered, linked(PASSPORT)).when(link(PASSPORT)).changesNothing();
    given(registered).when(link()).changesNothing();
  });

  it('needs a registered, living person and a free place', () => {
    given().when(link(PASSPORT)).refuses('not-registered');
    given(registered, deceased).when(link(PASSPORT)).refuses('deceased');
    given(registered)
      .when(link(...passports(MAX_DOCUMENTS)))
      .refuses('too-many-documents');
    expect(given(registered).when(link(...passports(MAX_DOCUMENTS - 1))).decision.kind).toBe('accept');
  });
});

describe('binding a sign-in', () => {
  const bind: IdentityCommand = { type: 'bind-login', login: LOGIN };

  it('binds a new one, and a known one changes nothing', () => {
    given(registered).when(bind).emits(bound());
    given(registered, bound()).when(bind).changesNothing();
  });

  it('at registration is known afterwards', () => {
    const withLogin = { ...registered, retained: { ...registered.retained, login: LOGIN.mark } } as AnyNewEvent;
    given(withLogin).when(bind).changesNothing();
  });

  it('needs a registered, living person and a free place', () => {
    given().when(bind).refuses('not-registered');
    given(registered, deceased).when(bind).refuses('deceased');
    given(registered, ...Array.from({ length: MAX_LOGINS }, (_, i) => bound(600 + i)))
      .when(bind)
      .refuses('too-many-logins');
  });
});

describe('reporting a death', () => {
  const report: IdentityCommand = { type: 'report-death', now: NOW };

  it('closes the live code with it, and leaves grants as they are: they freeze by rule', () => {
    given(registered, issued(), granted())
      .when({ ...report, deceasedAt: instant('2026-11-20T00:00:00.000Z'), source: 'hospital' })
      .emits(
        {
          type: 'identity.deceased@1',
          retained: {},
          personal: { deceasedAt: instant('2026-11-20T00:00:00.000Z'), source: 'hospital' },
        },
        { type: 'code.closed@1', retained: { codeRef: CODE, reason: 'deceased' }, personal: {} },
      );
  });

  it('closes no code where none is live', () => {
    given(registered, issued(), closed()).when(report).emits(deceased);
  });

  it('again changes nothing', () => {
    given(registered, deceased).when(report).changesNothing();
  });

  it('of nobody, or before it happened, is refused', () => {
    given().when(report).refuses('not-registered');
    given(registered)
      .when({ ...report, deceasedAt: instant('2026-11-22T09:00:00.001Z') })
      .refuses('death-in-future');
  });
});

it('no state holds a name, a number or a sign-in', () => {
  const state = JSON.stringify(statesAfter(registered, linked(PASSPORT), bound(), issued()));
  for (const planted of ['Anna', DOCUMENT.number, PASSPORT.number, 'a code', LOGIN.subject]) {
    expect(state).not.toContain(planted);
  }
  expect(state).not.toContain(ANNA);
});
