import { describe, it } from 'vitest';
import { hospital, hospitalEnded } from '../../../test/support/domain-samples.ts';
import { givenOf } from '../../../test/support/given.ts';
import type { AnyNewEvent } from '../catalogue.ts';
import { type InstitutionCommand, institutionDecider } from './decider.ts';
import { type Contacts, type InstitutionProfile, MAX_IDENTIFIERS } from './terms.ts';

const given = givenOf(institutionDecider);
const USCC = { system: 'USCC', number: '91350100M000100Y43' };
const NPI = { system: 'NPI', number: '7' };
const PROFILE: InstitutionProfile = { identifiers: [USCC], name: 'Hospital' };
const PHONE = { phone: '010' };

const register = (profile: InstitutionProfile = PROFILE, contacts: Contacts = {}): InstitutionCommand => ({
  type: 'register',
  profile,
  contacts,
});
const change = (profile: InstitutionProfile, contacts?: Contacts): InstitutionCommand => ({
  type: 'change',
  profile,
  ...(contacts && { contacts }),
});
const changed = (profile: InstitutionProfile, contacts: 'given' | 'kept' | 'none' = 'kept'): AnyNewEvent => ({
  type: 'institution.changed@1',
  retained: { ...profile, contacts },
  personal: contacts === 'given' ? PHONE : {},
});
const withPhone: AnyNewEvent = {
  type: 'institution.registered@1',
  retained: { ...PROFILE, contacts: 'given' },
  personal: PHONE,
};
const identifiers = (count: number) => Array.from({ length: count }, (_, i) => ({ system: 'S', number: `${i}` }));

describe('registering an organisation', () => {
  it('that is new opens its account; contacts stand in the personal part', () => {
    given()
      .when(register({ ...PROFILE, identifiers: [USCC, USCC] }))
      .emits(hospital);
    given().when(register(PROFILE, PHONE)).emits(withPhone);
  });

  it('that is known changes nothing', () => {
    given(hospital).when(register()).changesNothing();
    given(withPhone).when(register(PROFILE, PHONE)).changesNothing();
  });

  it('that is known adds what is new, replaces nothing and takes nothing away', () => {
    given(hospital)
      .when(register({ identifiers: [NPI], name: 'Another name', level: 3 }))
      .emits(changed({ identifiers: [USCC, NPI], name: 'Hospital', level: 3 }));
    given(hospital, changed({ ...PROFILE, level: 2 }))
      .when(register({ ...PROFILE, level: 3 }))
      .changesNothing();
  });

  it('that is known takes contacts when there are none, and keeps those that there are', () => {
    given(hospital).when(register(PROFILE, PHONE)).emits(changed(PROFILE, 'given'));
    given(withPhone)
      .when(register(PROFILE, { phone: '020', address: 'A street' }))
      .changesNothing();
    given(withPhone)
      .when(register({ ...PROFILE, level: 0 }, { phone: '020' }))
      .emits(changed({ ...PROFILE, level: 0 }, 'kept'));
    given(hospital, changed(PROFILE, 'given'), changed({ ...PROFILE, level: 1 }))
      .when(register(PROFILE, PHONE))
      .changesNothing();
  });

  it('that has ended, or has too many identifiers, is refused', () => {
    given(hospital, hospitalEnded).when(register()).refuses('institution-ended');
    given()
      .when(register({ ...PROFILE, identifiers: identifiers(MAX_IDENTIFIERS + 1) }))
      .refuses('too-many-identifiers');
    given(hospital)
      .when(register({ ...PROFILE, identifiers: identifiers(MAX_IDENTIFIERS) }))
      .refuses('too-many-identifiers');
  });
});

describe('changing an organisation', () => {
  it('replaces the profile, but takes no identifier away', () => {
    given(hospital)
      .when(change({ identifiers: [NPI], name: 'New name' }))
      .emits(changed({ identifiers: [USCC, NPI], name: 'New name' }));
  });

  it('to what it is changes nothing', () => {
    given(hospital).when(change(PROFILE)).changesNothing();
  });

  it('of contacts always leaves an event, since nobody who decides sees them', () => {
    given(withPhone).when(change(PROFILE, PHONE)).emits(changed(PROFILE, 'given'));
    given(withPhone).when(change(PROFILE, {})).emits(changed(PROFILE, 'none'));
  });

  it('that is not there, has ended, or gets too many identifiers is refused', () => {
    given().when(change(PROFILE)).refuses('no-such-institution');
    given(hospital, hospitalEnded).when(change(PROFILE)).refuses('institution-ended');
    given(hospital)
      .when(change({ ...PROFILE, identifiers: identifiers(MAX_IDENTIFIERS) }))
      .refuses('too-many-identifiers');
  });
});

describe('ending an organisation', () => {
  it('ends it, and again changes nothing', () => {
    given(hospital).when({ type: 'end', reason: 'merged' }).emits(hospitalEnded);
    given(hospital, hospitalEnded).when({ type: 'end', reason: 'other' }).changesNothing();
  });

  it('that is not there is refused', () => {
    given().when({ type: 'end', reason: 'merged' }).refuses('no-such-institution');
  });
});
