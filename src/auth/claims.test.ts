import { describe, expect, it } from 'vitest';
import type { ClaimNames } from '../config.ts';
import type { Instant } from '../kernel/instant.ts';
import { toTokenClaims } from './claims.ts';
import { DEVELOPMENT_CLAIMS } from './development-token.ts';
import { Unauthenticated } from './faults.ts';

const UNTIL = '2026-11-22T03:34:05.000Z' as Instant;
const read = (payload: Record<string, unknown>, names: ClaimNames = DEVELOPMENT_CLAIMS, subject = 's') =>
  toTokenClaims({ issuer: 'i', subject, until: UNTIL, payload }, names);

const refused = (payload: Record<string, unknown>, names?: ClaimNames, subject?: string): void => {
  expect(() => read(payload, names, subject)).toThrow(Unauthenticated);
};

const ORGANISATION = 'urn:uscc|91350100M000100Y43';
const PRACTITIONER = { role: 'practitioner', organisation: ORGANISATION, practitioner: 'urn:licence|1' };

describe('claims', () => {
  it('of a practitioner name the organisation and the number', () => {
    expect(read(PRACTITIONER)).toEqual({
      issuer: 'i',
      subject: 's',
      role: 'practitioner',
      until: UNTIL,
      organisation: { system: 'urn:uscc', number: '91350100M000100Y43' },
      practitioner: { system: 'urn:licence', number: '1' },
    });
  });

  it('that a role does not use are not looked at', () => {
    expect(read({ role: 'resident', organisation: 7, practitioner: 'x' })).toEqual({
      issuer: 'i',
      subject: 's',
      role: 'resident',
      until: UNTIL,
    });
    expect(read({ role: 'issuer', organisation: ORGANISATION, document: 7 })).not.toHaveProperty('document');
  });

  it('may be objects, and a list may name the role', () => {
    const claims = read({ role: ['offline_access', 'system'], organisation: { system: 'urn:a', number: '1|2' } });
    expect(claims).toMatchObject({ role: 'system', organisation: { system: 'urn:a', number: '1|2' } });
  });

  it.each([
    ['01||11010519491231002X', { type: '01', number: '11010519491231002X' }],
    ['03|urn:iso:3166:CN|E1|2', { type: '03', issuer: 'urn:iso:3166:CN', number: 'E1|2' }],
    [
      { type: '01', number: '1' },
      { type: '01', number: '1' },
    ],
  ])('show a document: %j', (given, document) => {
    expect(read({ role: 'resident', document: given }).document).toEqual(document);
  });

  it('take their names, and the roles theirs, from the settings; then ours mean nothing', () => {
    const names: ClaimNames = {
      ...DEVELOPMENT_CLAIMS,
      role: 'urn:role',
      roles: new Map([['doctor', 'practitioner']]),
      organisationSystem: 'urn:uscc',
      practitionerSystem: 'urn:licence',
    };
    const claims = read({ 'urn:role': 'doctor', organisation: '9135', practitioner: '1' }, names);
    expect(claims).toMatchObject({
      role: 'practitioner',
      organisation: { system: 'urn:uscc', number: '9135' },
      practitioner: { system: 'urn:licence', number: '1' },
    });
    refused({ 'urn:role': 'practitioner', organisation: '9135', practitioner: '1' }, names);
    refused({ role: 'doctor', organisation: '9135', practitioner: '1' }, names);
    // Whatever JSON can say is looked at as it is, and made no text of: this object has none.
    refused({ 'urn:role': [{ toString: 1, valueOf: 1 }], organisation: '9135', practitioner: '1' }, names);
    refused({ 'urn:role': [['doctor']], organisation: '9135', practitioner: '1' }, names);
  });

  it.each([
    ['no role', { organisation: ORGANISATION }],
    ['an unknown role', { role: 'admin', organisation: ORGANISATION }],
    ['a role of another case', { role: 'Resident' }],
    ['two of our roles', { role: ['resident', 'regulator'], organisation: ORGANISATION }],
    ['a role that is an object', { role: { resident: true } }],
    ['no organisation', { role: 'regulator' }],
    ['an organisation without its system', { role: 'regulator', organisation: '9135' }],
    ['an empty system', { role: 'regulator', organisation: '|9135' }],
    ['an empty number', { role: 'regulator', organisation: 'urn:uscc|' }],
    ['an organisation of another shape', { role: 'regulator', organisation: { system: 'a', number: 'b', more: 'c' } }],
    ['a list of organisations', { role: 'regulator', organisation: [ORGANISATION] }],
    ['a practitioner without a number', { ...PRACTITIONER, practitioner: undefined }],
    ['a number with NUL', { role: 'regulator', organisation: 'urn:uscc|a\u0000b' }],
    ['a number with a lone surrogate', { role: 'regulator', organisation: 'urn:uscc|\ud800' }],
    ['a number beyond all measure', { role: 'regulator', organisation: `urn:uscc|${'9'.repeat(129)}` }],
    ['a document without its number', { role: 'resident', document: '01' }],
    ['a document that is a list', { role: 'resident', document: ['01', '1'] }],
    ['a document that is null', { role: 'resident', document: null }],
  ])('with %s are worth nothing', (_what, payload) => {
    refused(payload);
  });

  it.each(['', 'x'.repeat(513), 'a\u0000', '\udfff'])('of a subject that is no text are worth nothing', (subject) => {
    refused({ role: 'resident' }, undefined, subject);
  });
});
