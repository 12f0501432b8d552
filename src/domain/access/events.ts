import { declareEvent, type NewEvent, type PastEvent } from '../../kernel/event.ts';
import * as f from '../../kernel/field.ts';
import { category, period, purpose, recordIndex } from '../terms.ts';

/** Who read what and why. Every gated read appends exactly one of these before it answers. */

/** What the asker chose; every argument that chooses rows. */
const selection = f.object({
  what: f.oneOf('records', 'content', 'demographics', 'code', 'consent', 'access-log'),
  index: f.optional(recordIndex()),
  categories: f.optional(f.setOf(category(), 9, 1)),
  period: f.optional(period()),
  record: f.optional(f.id16()),
  first: f.optional(f.integer(1, 1000)),
  /** Whether a cursor was given; the cursor itself holds nothing that is not in the served set of the page before. */
  page: f.optional(f.integer(1, 1_000_000)),
});
export type Selection = f.Infer<typeof selection>;

/** Which rule of the decision order said so (domain.md), and for a grant or policy rule, which one. */
export const RULES = [
  'self',
  'grant',
  'policy',
  /** A code was shown and verified: tells that it is live, and opens nothing. */
  'code-shown',
  'code-not-live',
  'deceased',
  'unknown-actor',
  'actor-ended',
  'not-affiliated',
  'no-consent',
  'not-covered',
] as const;
export type AccessRule = (typeof RULES)[number];

const asked = {
  purpose: purpose(),
  selection,
  rule: f.oneOf(...RULES),
  /** Hash of the policy in force; absent only before a policy is adopted. */
  policy: f.optional(f.bytes32()),
  channel: f.optional(f.pattern(/^\d{4}$/, 'channel')),
  careStep: f.optional(f.pattern(/^\d{6}$/, 'care-step')),
} as const;

const served = f.object({
  categories: f.setOf(category(), 9),
  count: f.integer(0, 1_000_000),
  /** How many rows the selection and the decision let match in all, when the answer tells a total. */
  matched: f.integer(0, 1_000_000_000),
  /** RFC 6962 root of the served set, base64url. */
  root: f.bytes32(),
});

export const accessPermitted = declareEvent({
  type: 'access.permitted@1',
  retention: 'access',
  retained: {
    ...asked,
    /** Legal basis: `PIPL-13-1` for consent and self, or the article that the policy names. */
    basis: f.text(64),
    /** The one that won: a consent id under rule `grant`, a policy rule's id under `policy`. */
    winner: f.optional(f.text(64)),
    /** The grants (consent ids) and policy rules that were used. */
    grants: f.setOf(f.id16(), 64),
    policyRules: f.setOf(f.text(64), 16),
    served,
  },
  personal: {
    served: f.object({
      ids: f.list(f.object({ id: f.id16(), revision: f.integer(0, 2 ** 28), part: f.integer(1, 2) }), 2000),
      salt: f.bytes32(),
    }),
  },
});

export const accessDenied = declareEvent({
  type: 'access.denied@1',
  retention: 'access',
  retained: asked,
  personal: {},
});

/** Nobody under that code: stands in the asker's stream. */
export const accessMissed = declareEvent({
  type: 'access.missed@1',
  retention: 'access',
  retained: { purpose: purpose(), selection, policy: f.optional(f.bytes32()) },
  personal: {},
});

/** A trail was read. In the stream of its one resident, practitioner or organisation, else in that of the asker's organisation. */
export const accessLogRead = declareEvent({
  type: 'access.log-read@1',
  retention: 'access',
  retained: {
    filter: f.object({
      resident: f.optional(f.label()),
      person: f.optional(f.pattern(/^[A-Za-z0-9_-]{22}(?:[A-Za-z0-9_-]{21})?$/, 'actor-id')),
      organisation: f.optional(f.id16()),
      purpose: f.optional(purpose()),
      trace: f.optional(f.pattern(/^[A-Za-z0-9._-]{8,64}$/, 'request-id')),
      from: f.optional(f.instant()),
      until: f.optional(f.instant()),
    }),
    basis: f.text(64),
    page: f.integer(1, 1_000_000),
    served: f.object({ count: f.integer(0, 1_000_000), matched: f.integer(0, 1_000_000_000), root: f.bytes32() }),
    /** The salt of the served root: a trail's entries are no secret of one subject. */
    salt: f.bytes32(),
  },
  personal: {},
});

/**
 * What was appended for a read turned out to be overtaken when it was durable, so nothing was opened on it. Stands behind it in its stream.
 * Only on an engine that cannot look at other streams under a lock.
 */
export const accessWithheld = declareEvent({
  type: 'access.withheld@1',
  retention: 'access',
  retained: {
    /** The event on which nothing was opened. */
    event: f.pattern(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'event-id'),
    /** Something newer stood in a stream that the decision had seen, or its time was over. */
    reason: f.oneOf('seen', 'not-after'),
    purpose: f.optional(purpose()),
  },
  personal: {},
});

export const ACCESS_EVENTS = [accessPermitted, accessDenied, accessMissed, accessLogRead, accessWithheld] as const;
export type AccessEvent = PastEvent<(typeof ACCESS_EVENTS)[number]>;
export type NewAccessEvent = NewEvent<(typeof ACCESS_EVENTS)[number]>;
