import { describe, expect, it } from 'vitest';
import {
  CLINIC,
  doctor,
  doctorEnded,
  HOSPITAL,
  hospital,
  hospitalEnded,
  id16,
} from '../../../test/support/domain-samples.ts';
import { givenOf, statesAfter } from '../../../test/support/given.ts';
import type { AnyNewEvent } from '../catalogue.ts';
import { type Contacts, MAX_IDENTIFIERS } from '../institution/terms.ts';
import { MAX_AFFILIATIONS, type PractitionerCommand, practitionerDecider } from './decider.ts';
import { type PractitionerProfile, standing } from './terms.ts';

const given = givenOf(practitionerDecider);
const LICENCE = { system: 'licence', number: '110' };
const NPI = { system: 'NPI', number: '7' };
const PROFILE: PractitionerProfile = { identifiers: [LICENCE], name: 'Doctor', affiliations: [HOSPITAL] };
const PHONE = { phone: '010' };

const register = (change: Partial<PractitionerProfile> = {}, contacts: Contacts = {}): PractitionerCommand => ({
  type: 'register',
  profile: { ...PROFILE, ...change },
  contacts,
});
const change = (profile: Partial<PractitionerProfile>, contacts?: Contacts): PractitionerCommand => ({
  type: 'change',
  profile: { ...PROFILE, ...profile },
  ...(contacts && { contacts }),
});
const changed = (profile: Partial<PractitionerProfile>, contacts: 'given' | 'kept' | 'none' = 'kept'): AnyNewEvent => ({
  type: 'practitioner.changed@1',
  retained: { ...PROFILE, ...profile, contacts },
  personal: contacts === 'given' ? PHONE : {},
});
const identifiers = (count: number) => Array.from({ length: count }, (_, i) => ({ system: 'S', number: `${i}` }));
const organisations = (count: number) => Array.from({ length: count }, (_, i) => id16(700 + i));

describe('registering a practitioner', () => {
  it('who is new opens the account, affiliations in their one order', () => {
    given().when(register()).emits(doctor());
    given()
      .when(register({ affiliations: [CLINIC, HOSPITAL, CLINIC] }, PHONE))
      .emits({
        type: 'practitioner.registered@1',
        retained: { ...PROFILE, affiliations: [HOSPITAL, CLINIC], contacts: 'given' },
        personal: PHONE,
      });
  });

  it('who is known changes nothing, or adds what is new', () => {
    given(doctor()).when(register()).changesNothing();
    given(doctor())
      .when(register({ affiliations: [] }))
      .changesNothing();
    given(doctor())
      .when(register({ identifiers: [NPI], name: 'Another name', title: 'Chief', affiliations: [CLINIC] }))
      .emits(changed({ identifiers: [LICENCE, NPI], title: 'Chief', affiliations: [HOSPITAL, CLINIC] }));
    given(doctor()).when(register({}, PHONE)).emits(changed({}, 'given'));
  });

  it('brings no affiliation back that a change has ended', () => {
    given(doctor(HOSPITAL, CLINIC), changed({ affiliations: [HOSPITAL] }))
      .when(register({ affiliations: [CLINIC] }))
      .changesNothing();
    given(doctor(HOSPITAL, CLINIC), changed({ affiliations: [] }), changed({ affiliations: [CLINIC] }))
      .when(register({ affiliations: [CLINIC, HOSPITAL] }))
      .changesNothing();
  });

  it('who has ended, or has too many of something, is refused', () => {
    given(doctor(), doctorEnded).when(register()).refuses('practitioner-ended');
    for (const past of [[], [doctor()]]) {
      given(...past)
        .when(register({ identifiers: identifiers(MAX_IDENTIFIERS + 1) }))
        .refuses('too-many-identifiers');
      given(...past)
        .when(register({ affiliations: organisations(MAX_AFFILIATIONS + 1) }))
        .refuses('too-many-affiliations');
    }
  });
});

describe('changing a practitioner', () => {
  it('replaces the profile, affiliations included, but takes no identifier away', () => {
    given(doctor())
      .when(change({ identifiers: [NPI], name: 'New name', affiliations: [CLINIC] }))
      .emits(changed({ identifiers: [LICENCE, NPI], name: 'New name', affiliations: [CLINIC] }));
    given(doctor()).when(change({}, {})).emits(changed({}, 'none'));
    given(doctor()).when(change({}, PHONE)).emits(changed({}, 'given'));
  });

  it('to what there is changes nothing', () => {
    given(doctor()).when(change({})).changesNothing();
  });

  it('who is not there, has ended, or gets too many of something is refused', () => {
    given().when(change({})).refuses('no-such-practitioner');
    given(doctor(), doctorEnded).when(change({})).refuses('practitioner-ended');
    given(doctor())
      .when(change({ identifiers: identifiers(MAX_IDENTIFIERS) }))
      .refuses('too-many-identifiers');
    given(doctor())
      .when(change({ affiliations: organisations(MAX_AFFILIATIONS + 1) }))
      .refuses('too-many-affiliations');
  });
});

describe('ending a practitioner', () => {
  it('ends the registration, and again changes nothing', () => {
    given(doctor()).when({ type: 'end', reason: 'left the profession' }).emits(doctorEnded);
    given(doctor(), doctorEnded).when({ type: 'end', reason: 'other' }).changesNothing();
  });

  it('who is not there is refused', () => {
    given().when({ type: 'end', reason: 'x' }).refuses('no-such-practitioner');
  });
});

describe('the standing of a practitioner', () => {
  const of = (organisation: typeof HOSPITAL | undefined, ...past: AnyNewEvent[]) => {
    const { practitioner, institution } = statesAfter(...past);
    return standing(practitioner, institution, organisation);
  };

  it('is good when both are registered, neither has ended, and the one works in the other', () => {
    expect(of(HOSPITAL, hospital, doctor())).toBe('good');
    expect(of(HOSPITAL, hospital)).toBe('unknown-actor');
    expect(of(HOSPITAL, doctor())).toBe('unknown-actor');
    expect(of(HOSPITAL, hospital, doctor(), doctorEnded)).toBe('actor-ended');
    expect(of(HOSPITAL, hospital, doctor(), hospitalEnded)).toBe('actor-ended');
    expect(of(CLINIC, hospital, doctor())).toBe('not-affiliated');
    expect(of(undefined, hospital, doctor())).toBe('not-affiliated');
    expect(of(HOSPITAL, hospital, doctor(), changed({ affiliations: [] }))).toBe('not-affiliated');
  });
});
