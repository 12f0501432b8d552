import { tellsOfSubject } from '../domain/refusals.ts';
import type { Actor, Caller, PractitionerActor, ResidentActor } from './actor.ts';
import { actorOf } from './actor-of.ts';
import type { CodeState, GrantConsentInput, Platform, RegisterRecordInput, RequestConsentInput } from './api.ts';
import { denyConsent, grantConsent, requestConsent, revokeConsent } from './commands/consent.ts';
import { institutionCommands } from './commands/institution.ts';
import { adoptPolicy, policyInForce } from './commands/ledger.ts';
import { practitionerCommands } from './commands/practitioner.ts';
import { type RecordActor, registerRecord, withdrawRecord } from './commands/record.ts';
import { registerResident } from './commands/register-resident.ts';
import { closeCode, issueCode, linkDocuments, reportDeath, resumeCode, suspendCode } from './commands/resident-code.ts';
import { isSilent, untilNextStep } from './even-time.ts';
import { myContent, openContent } from './gate/content.ts';
import type { GateApp } from './gate/gate-app.ts';
import { myProfile } from './gate/profile.ts';
import { myRecords, openRecords } from './gate/records.ts';
import { myAccessLog, readTrail } from './gate/trail.ts';
import { verifyCode } from './gate/verify-code.ts';
import { parseRequestId } from './input.ts';
import { institutionView, myCodes, myConsents, practitionerView } from './open-reads.ts';
import { type Outcome, refusal } from './outcome.ts';
import { type Operation, ROLES } from './roles.ts';

type Use<A extends Actor, I, T> = (
  app: GateApp,
  caller: Caller & { readonly actor: A },
  input: I,
) => Promise<Outcome<T>>;
type Work<A extends Actor, I, T> = (
  app: GateApp,
  caller: Caller & { readonly actor: A },
  requestId: string,
  input: I,
) => Promise<Outcome<T>>;

/** Everything the platform does, each use case behind its role and with its refusals as the asker may hear them. */
export function platformOf(app: GateApp): Platform {
  const allowed = (operation: Operation, caller: Caller): boolean => ROLES[operation].includes(caller.actor.role);

  const heard = <T>(operation: Operation, caller: Caller, outcome: Outcome<T>): Outcome<T> => {
    if (outcome.kind === 'refusal') app.probe.refused(operation, outcome.code);
    return heardBy(caller.actor, outcome);
  };

  /** The answer to whom the role lets ask, no sooner than it may be told. */
  const answered = async <T>(operation: Operation, caller: Caller, work: () => Promise<Outcome<T>>) => {
    if (!allowed(operation, caller)) return heard<T>(operation, caller, refusal('not-permitted'));
    const began = performance.now();
    const told = heard(operation, caller, await work());
    if (isSilent(operation, caller.actor, told)) await untilNextStep(began);
    return told;
  };

  const read =
    <A extends Actor, I, T>(operation: Operation, use: Use<A, I, T>) =>
    (caller: Caller, input: I): Promise<Outcome<T>> =>
      answered(operation, caller, () => use(app, caller as never, input));

  // Inside, so that a requestId that is none rejects, and only for whom the role lets ask.
  const mutation =
    <A extends Actor, I, T>(operation: Operation, work: Work<A, I, T>) =>
    (caller: Caller, requestId: string, input: I): Promise<Outcome<T>> =>
      answered(operation, caller, () => work(app, caller as never, parseRequestId(requestId), input));

  return {
    actorOf: (claims, trace) => actorOf(app, claims, trace),

    registerResident: mutation('registerResident', registerResident),
    linkDocuments: mutation('linkDocuments', linkDocuments),
    reportDeath: mutation('reportDeath', reportDeath),
    issueCode: mutation('issueCode', issueCode),
    suspendCode: mutation('suspendCode', suspendCode),
    resumeCode: mutation('resumeCode', resumeCode),
    closeCode: mutation('closeCode', closeCode),

    requestConsent: mutation<PractitionerActor, RequestConsentInput, { consentId: string }>(
      'requestConsent',
      requestConsent,
    ),
    grantConsent: mutation<ResidentActor, GrantConsentInput, { consentId: string }>('grantConsent', grantConsent),
    denyConsent: mutation<ResidentActor, unknown, object>('denyConsent', denyConsent),
    revokeConsent: mutation<ResidentActor, unknown, object>('revokeConsent', revokeConsent),

    registerRecord: mutation<RecordActor, RegisterRecordInput, { record: string }>('registerRecord', registerRecord),
    withdrawRecord: mutation<RecordActor, unknown, object>('withdrawRecord', withdrawRecord),

    registerInstitution: mutation('registerInstitution', institutionCommands.register),
    changeInstitution: mutation('changeInstitution', institutionCommands.change),
    endInstitution: mutation('endInstitution', institutionCommands.end),
    registerPractitioner: mutation('registerPractitioner', practitionerCommands.register),
    changePractitioner: mutation('changePractitioner', practitionerCommands.change),
    endPractitioner: mutation('endPractitioner', practitionerCommands.end),
    adoptPolicy: mutation('adoptPolicy', adoptPolicy),

    myProfile: read('myProfile', myProfile),
    myRecords: read('myRecords', myRecords),
    myContent: read('myContent', myContent),
    myAccessLog: read('myAccessLog', myAccessLog),
    openRecords: read('openRecords', openRecords),
    openContent: read('openContent', openContent),
    verifyCode: read('verifyCode', verifyCode),
    readTrail: read('readTrail', readTrail),

    myConsents: read('myConsents', myConsents),
    myCodes: (caller) => read<ResidentActor, undefined, readonly CodeState[]>('myCodes', myCodes)(caller, undefined),
    institution: (caller, key) => (allowed('institution', caller) ? institutionView(app, key) : Promise.resolve(null)),
    practitioner: (caller, key) =>
      allowed('practitioner', caller) ? practitionerView(app, key) : Promise.resolve(null),
    policy: (caller) => (allowed('policy', caller) ? policyInForce(app) : Promise.resolve(null)),
  };
}

/** A refusal that tells something of the resident behind a code is for the resident and the office; others hear the one no. */
function heardBy<T>(actor: Actor, outcome: Outcome<T>): Outcome<T> {
  if (outcome.kind === 'done' || actor.role === 'resident' || actor.role === 'issuer') return outcome;
  return tellsOfSubject(outcome.code) ? refusal('not-available') : outcome;
}
