import type { Role } from './actor.ts';
import type { Platform } from './api.ts';

/** Who may call what. An operation without an entry does not compile; the table is printed in docs/api.md. */
export type Operation = Exclude<keyof Platform, 'actorOf'>;

const EVERYBODY = ['resident', 'practitioner', 'issuer', 'regulator', 'system'] as const;

export const ROLES: { readonly [O in Operation]: readonly Role[] } = {
  registerResident: ['issuer', 'system'],
  linkDocuments: ['issuer', 'system'],
  reportDeath: ['issuer', 'system'],
  issueCode: ['issuer'],
  suspendCode: ['issuer', 'resident'],
  resumeCode: ['issuer', 'resident'],
  closeCode: ['issuer'],
  requestConsent: ['practitioner'],
  grantConsent: ['resident'],
  denyConsent: ['resident'],
  revokeConsent: ['resident'],
  registerRecord: ['practitioner', 'system'],
  withdrawRecord: ['practitioner', 'system'],
  registerInstitution: ['regulator'],
  changeInstitution: ['regulator'],
  endInstitution: ['regulator'],
  registerPractitioner: ['regulator'],
  changePractitioner: ['regulator'],
  endPractitioner: ['regulator'],
  adoptPolicy: ['regulator'],
  myProfile: ['resident'],
  myRecords: ['resident'],
  myContent: ['resident'],
  myAccessLog: ['resident'],
  openRecords: ['practitioner'],
  openContent: ['practitioner'],
  verifyCode: ['practitioner', 'issuer'],
  readTrail: ['regulator'],
  myConsents: ['resident'],
  myCodes: ['resident'],
  institution: EVERYBODY,
  practitioner: EVERYBODY,
  policy: EVERYBODY,
};
