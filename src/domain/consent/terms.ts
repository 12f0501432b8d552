import type { ActorRef } from '../../kernel/event.ts';
import * as f from '../../kernel/field.ts';
import type { Id16 } from '../../kernel/id.ts';
import type { Instant } from '../../kernel/instant.ts';
import { category, labelCode, type Purpose, period, purpose } from '../terms.ts';

/** To whom: a whole organisation, or one practitioner while affiliated to one organisation. */
export const grantee = () =>
  f.object({
    kind: f.oneOf('institution', 'practitioner'),
    institution: f.id16(),
    practitioner: f.optional(f.id16()),
  });
export type Grantee = f.Infer<ReturnType<typeof grantee>>;

/** What a request asks for and a grant gives. All of it stands in the retained part. */
export const consentTerms = () =>
  f.refined(
    f.object({
      grantee: f.refined(
        grantee(),
        (value) => (value.kind === 'practitioner') === (value.practitioner !== undefined),
        'a practitioner is named exactly when the grantee is one',
      ),
      /** Each covers its sub-codes. */
      purposes: f.setOf(purpose(), 12, 1),
      categories: f.setOf(category(), 9, 1),
      /** Labelled records (sensitivity, confidentiality R and V) that are included; all others of that kind are left out. */
      labels: f.setOf(labelCode(), 10),
      /** Which days' data. */
      period: period(),
      /** From when until when the grant may be used; `until` is not included. */
      validFrom: f.instant(),
      validUntil: f.instant(),
    }),
    (value) => value.validFrom < value.validUntil,
    'ends before it begins',
  );
export type ConsentTerms = f.Infer<ReturnType<typeof consentTerms>>;

/** What the resident saw and how they said yes (PIPL 14, 17, 29). */
export const evidence = () =>
  f.object({
    noticeHash: f.bytes32(),
    noticeVersion: f.text(32),
    language: f.pattern(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/, 'language-tag'),
    /** WS/T channel: 0100 人工窗口, 0200 自助机, 0300 医生工作台, 0402 小程序 … */
    channel: f.pattern(/^\d{4}$/, 'channel'),
    authentication: f.oneOf('password', 'sms', 'face', 'id-card', 'paper', 'token'),
  });
export type Evidence = f.Infer<ReturnType<typeof evidence>>;

/** A resident's consents as far as a decision may still turn on them; ended and expired ones are dropped (see `ConsentFates`). */
export type ConsentState = {
  /** In order of asking. */
  readonly pending: readonly PendingRequest[];
  /** In order of granting: a later one is newer. */
  readonly grants: readonly LiveGrant[];
};
export type PendingRequest = { readonly consentId: Id16; readonly terms: ConsentTerms; readonly answerBy: Instant };
export type LiveGrant = { readonly consentId: Id16; readonly terms: ConsentTerms };

/** How every consent of a resident stood last: small, and read by commands only, so that an access need not load it. */
export type ConsentFates = { readonly [consentId: string]: 'requested' | 'granted' | 'denied' | 'revoked' };

/** Past its validity, or at its very end: `validUntil` is not included. */
export function isOver(terms: ConsentTerms, now: Instant): boolean {
  return terms.validUntil <= now;
}

/** True while the grant may be used. */
export function isValid(terms: ConsentTerms, now: Instant): boolean {
  return terms.validFrom <= now && !isOver(terms, now);
}

/** True when the grant was given to this actor, in the organisation of the actor's token: X's consent is of no use in Y. */
export function isGrantedTo(terms: ConsentTerms, actor: ActorRef): boolean {
  const { kind, institution, practitioner } = terms.grantee;
  if (actor.kind !== 'practitioner' || actor.organisation !== institution) return false;
  switch (kind) {
    case 'institution':
      return true;
    case 'practitioner':
      return practitioner === actor.id;
  }
}

/** Purposes that are the resident's own (or a guardian's): no grant and no policy gives them to anybody else. */
export function isOwnPurpose(purpose: Purpose): boolean {
  return purpose === 'PATRQT' || purpose === 'FAMRQT';
}
