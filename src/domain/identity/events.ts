import { declareEvent, type NewEvent, type PastEvent } from '../../kernel/event.ts';
import * as f from '../../kernel/field.ts';
import { documentType, region } from '../terms.ts';

/** 主索引. Wire names and shapes are the stored format: a change is a new version (`@2`), never an edit, from 1.0.0 on. */

/** An identity document as shown. `issuer` is the issuing system (for 01: GB 11643's `urn:oid:2.16.156.10011.1.3`), `number` its normal form. */
const document = f.object({ type: documentType(), issuer: f.text(256), number: f.text(128) });

export const identityRegistered = declareEvent({
  type: 'identity.registered@1',
  retention: 'life',
  retained: {
    region: region(),
    /** HMAC(tagKey, …) of each document shown: tells a known document without saying which. */
    documents: f.setOf(f.mark(), 32, 1),
    /** HMAC(tagKey, …) of the sign-in, when one is bound at registration: tells a known one without saying which. */
    login: f.optional(f.mark()),
  },
  personal: {
    name: f.text(256),
    sex: f.optional(f.oneOf('male', 'female', 'other', 'unknown')),
    birthDate: f.optional(f.day()),
    phone: f.optional(f.text(64)),
    address: f.optional(f.text(512)),
    documents: f.list(document, 32, 1),
    /** The token's (issuer, subject) by which the resident signs in, when bound at registration. */
    login: f.optional(f.object({ issuer: f.text(512), subject: f.text(512) })),
  },
});

/** A known person shown again (PIXm feed of a known patient). */
export const identityPresented = declareEvent({
  type: 'identity.presented@1',
  retention: 'life',
  retained: { documents: f.setOf(f.mark(), 32, 1) },
  personal: {},
});

export const identityDocumentLinked = declareEvent({
  type: 'identity.document-linked@1',
  retention: 'life',
  retained: { documents: f.setOf(f.mark(), 32, 1) },
  personal: { documents: f.list(document, 32, 1) },
});

/** The resident's sign-in: a token whose verified document claim is the resident's binds its (issuer, subject). */
export const identityLoginBound = declareEvent({
  type: 'identity.login-bound@1',
  retention: 'life',
  retained: { login: f.mark() },
  personal: { issuer: f.text(512), subject: f.text(512) },
});

export const identityDeceased = declareEvent({
  type: 'identity.deceased@1',
  retention: 'life',
  retained: {},
  personal: { deceasedAt: f.optional(f.instant()), source: f.optional(f.text(256)) },
});

export const IDENTITY_EVENTS = [
  identityRegistered,
  identityPresented,
  identityDocumentLinked,
  identityLoginBound,
  identityDeceased,
] as const;
export type IdentityEvent = PastEvent<(typeof IDENTITY_EVENTS)[number]>;
export type NewIdentityEvent = NewEvent<(typeof IDENTITY_EVENTS)[number]>;
