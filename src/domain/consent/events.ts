import { declareEvent, type NewEvent, type PastEvent } from '../../kernel/event.ts';
import * as f from '../../kernel/field.ts';
import { consentTerms, evidence } from './terms.ts';

/** requested → granted | denied | expired; granted → revoked | expired. Expiry is computed when deciding, never an event's doing. */

export const consentRequested = declareEvent({
  type: 'consent.requested@1',
  retention: 'life',
  retained: {
    consentId: f.id16(),
    terms: consentTerms(),
    /** After this instant the request can no longer be granted. */
    answerBy: f.instant(),
  },
  personal: { message: f.optional(f.text(500)) },
});

/** Bears the request's `consentId` when it answers one, a new one when the resident grants unasked. */
export const consentGranted = declareEvent({
  type: 'consent.granted@1',
  retention: 'life',
  retained: { consentId: f.id16(), terms: consentTerms(), evidence: evidence() },
  personal: {},
});

export const consentDenied = declareEvent({
  type: 'consent.denied@1',
  retention: 'life',
  retained: { consentId: f.id16(), reason: f.oneOf('resident', 'code-closed') },
  personal: {},
});

export const consentRevoked = declareEvent({
  type: 'consent.revoked@1',
  retention: 'life',
  retained: { consentId: f.id16(), reason: f.oneOf('resident', 'code-closed') },
  personal: {},
});

export const CONSENT_EVENTS = [consentRequested, consentGranted, consentDenied, consentRevoked] as const;
export type ConsentEvent = PastEvent<(typeof CONSENT_EVENTS)[number]>;
export type NewConsentEvent = NewEvent<(typeof CONSENT_EVENTS)[number]>;
