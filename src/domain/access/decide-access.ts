import type { ActorRef } from '../../kernel/event.ts';
import type { Id16, Label, Mark } from '../../kernel/id.ts';
import { addMs, earliest, type Instant } from '../../kernel/instant.ts';
import { type CodeState, isActive } from '../code/terms.ts';
import { type ConsentState, isGrantedTo, isOwnPurpose, isValid, type LiveGrant } from '../consent/terms.ts';
import type { IdentityState } from '../identity/terms.ts';
import type { InstitutionState } from '../institution/terms.ts';
import type { PolicyRule } from '../ledger/events.ts';
import type { PolicyState } from '../ledger/terms.ts';
import { type PractitionerState, standing } from '../practitioner/terms.ts';
import type { CustodiansState } from '../record/terms.ts';
import { asSet } from '../sets.ts';
import { CATEGORIES, LABELS, type Purpose, purposeCovers } from '../terms.ts';
import { type Scope, within } from './covers.ts';
import type { AccessRule, Selection } from './events.ts';
import { compareGrants, compareRules } from './narrower.ts';

/** Identity, code, consent and custodians of the resident; the asker's own streams; the region's policy. */
export interface AccessStates {
  readonly identity: IdentityState;
  readonly code: CodeState;
  readonly consent: ConsentState;
  readonly custodians: CustodiansState;
  /** Initial when the actor is no practitioner. */
  readonly practitioner: PractitionerState;
  /** Of the token's organisation; initial when it has none. */
  readonly institution: InstitutionState;
  readonly policy: PolicyState;
}

export interface AccessRequest {
  readonly actor: ActorRef;
  readonly resident: Label;
  readonly purpose: Purpose;
  /** The code through which the resident was reached; absent only for a resident by the own token. */
  readonly codeRef?: Mark;
  readonly selection: Selection;
}

type PermitRule = Extract<AccessRule, 'self' | 'grant' | 'policy' | 'code-shown'>;
export type DenialRule = Exclude<AccessRule, PermitRule>;

export interface Permitted {
  readonly outcome: 'permitted';
  readonly rule: PermitRule;
  /** The legal basis of the rule that won. */
  readonly basis: string;
  /** The consent or policy rule that won, when one did. */
  readonly winner?: string;
  /** Every grant and policy rule that contributes to what may be seen, ascending. */
  readonly grants: readonly Id16[];
  readonly policyRules: readonly string[];
  /** A record may be seen when one of these covers it. Empty for what is no record. */
  readonly scopes: readonly Scope[];
  /** The last instant at which all grants used are valid. */
  readonly notAfter?: Instant;
}
export type AccessDecision = Permitted | { readonly outcome: 'denied'; readonly rule: DenialRule };

/** Consent, and the resident's own asking (PIPL 13 (1)). */
const BY_CONSENT = 'PIPL-13-1';

const denied = (rule: DenialRule): AccessDecision => ({ outcome: 'denied', rule });

/**
 * Decides one access; nothing else does (domain.md, "Deciding an access"). The first rule that applies, in that order, says so.
 * Exclusions, guardians and emergencies are not built: nobody is let in by them.
 *
 * Several grants and policy rules may cover a request. What may be seen is the union of what each lets be seen, because each was
 * given for itself and a resident who gave two gave both: a narrow new grant takes nothing from a wide old one (revoking does).
 * "Narrower > newer" therefore decides no row; it decides which one is *named* as the reason. Grants are named before policy
 * rules, since a rule is not needed where the resident has said yes. All that contribute are listed.
 */
export function decideAccess(states: AccessStates, request: AccessRequest, now: Instant): AccessDecision {
  const { actor, resident, purpose, codeRef, selection } = request;
  const self = actor.kind === 'resident' && actor.id === resident;
  if (codeRef === undefined ? !self : !isActive(states.code, codeRef)) return denied('code-not-live');
  if (states.identity.status === 'deceased') return denied('deceased');
  if (states.identity.status === 'unregistered') return denied('unknown-actor');
  if (self) return purpose === 'PATRQT' ? permittedSelf(selection) : denied('no-consent');

  const stands = standingOf(states, actor);
  if (stands !== 'good') return denied(stands);
  if (isOwnPurpose(purpose)) return denied('no-consent');
  switch (selection.what) {
    case 'code':
      return { outcome: 'permitted', rule: 'code-shown', basis: BY_CONSENT, grants: [], policyRules: [], scopes: [] };
    // Logs are decide-log-read's; consents are asked for and given by commands, and read by nobody but the resident.
    case 'access-log':
    case 'consent':
      return denied('no-consent');
    case 'records':
    case 'content':
    case 'demographics':
      return actor.kind === 'practitioner' ? byPermits(states, request, now) : denied('no-consent');
  }
}

/** Practitioners, and officers who verify a code, must be somebody here and now. No other kind of actor reaches a resident. */
function standingOf(
  { practitioner, institution }: AccessStates,
  actor: ActorRef,
): 'good' | 'unknown-actor' | 'actor-ended' | 'not-affiliated' | 'no-consent' {
  switch (actor.kind) {
    case 'practitioner':
      return standing(practitioner, institution, actor.organisation);
    case 'issuer':
      if (institution.status === 'unregistered') return 'unknown-actor';
      return institution.status === 'ended' ? 'actor-ended' : 'good';
    case 'resident':
    case 'regulator':
    case 'system':
      return 'no-consent';
  }
}

function permittedSelf(selection: Selection): AccessDecision {
  const all = within({ kind: 'all', id: 'self', categories: CATEGORIES, labels: LABELS }, selection);
  return {
    outcome: 'permitted',
    rule: 'self',
    basis: BY_CONSENT,
    grants: [],
    policyRules: [],
    scopes: isOfRecords(selection) && all !== undefined ? [all] : [],
  };
}

function isOfRecords({ what }: Selection): boolean {
  return what === 'records' || what === 'content';
}

function byPermits(states: AccessStates, { actor, purpose, selection }: AccessRequest, now: Instant): AccessDecision {
  const live = states.consent.grants.filter(({ terms }) => isValid(terms, now) && isGrantedTo(terms, actor));
  const grants = live
    .filter(({ terms }) => terms.purposes.some((permitted) => purposeCovers(permitted, purpose)))
    // Newest first, so that the stable sort leaves the newer before the older among the equally narrow.
    .reverse()
    .sort((a, b) => compareGrants(a.terms, b.terms))
    .filter((grant) => contributes(scopeOfGrant(grant), selection));
  const rules = (states.policy.adopted?.policy.rules ?? [])
    .filter((rule) => rule.purposes.some((permitted) => purposeCovers(permitted, purpose)))
    .filter((rule) => isFor(rule, actor, states.custodians))
    .sort(compareRules)
    .filter((rule) => contributes(scopeOfRule(rule, actor), selection));

  const [grant] = grants;
  const [rule] = rules;
  const used = {
    outcome: 'permitted',
    grants: asSet(grants.map(({ consentId }) => consentId)),
    policyRules: asSet(rules.map(({ id }) => id)),
    scopes: isOfRecords(selection)
      ? [...grants.map(scopeOfGrant), ...rules.map((one) => scopeOfRule(one, actor))].flatMap(
          (scope) => within(scope, selection) ?? [],
        )
      : [],
  } as const;
  if (grant !== undefined) {
    const notAfter = earliest(lastOf(grant), ...grants.map(lastOf));
    return { ...used, rule: 'grant', basis: BY_CONSENT, winner: grant.consentId, notAfter };
  }
  if (rule !== undefined) return { ...used, rule: 'policy', basis: rule.basis, winner: rule.id };
  return denied(live.length > 0 ? 'not-covered' : 'no-consent');
}

/** Who may open records for a purpose may see whose they are; so for demographics categories and period do not matter. */
function contributes(scope: Scope, selection: Selection): boolean {
  return !isOfRecords(selection) || within(scope, selection) !== undefined;
}

/** The last instant at which the grant may be used; `validUntil` itself is not included. */
function lastOf({ terms }: LiveGrant): Instant {
  return addMs(terms.validUntil, -1);
}

function scopeOfGrant({ consentId, terms }: LiveGrant): Scope {
  const { categories, period, labels } = terms;
  return { kind: 'grant', id: consentId, categories, period, labels };
}

/** An organisation that has registered nothing of this resident has no records of its own here, and so no rule. */
function isFor(rule: PolicyRule, { organisation }: ActorRef, custodians: CustodiansState): boolean {
  if (organisation === undefined) return false;
  switch (rule.kind) {
    case 'own-records':
      return custodians.includes(organisation);
    case 'statutory':
      return rule.institutions?.includes(organisation) === true;
  }
}

function scopeOfRule({ id, kind, categories, labels }: PolicyRule, { organisation }: ActorRef): Scope {
  const scope: Scope = { kind: 'policy', id, categories, labels };
  return kind === 'own-records' && organisation !== undefined ? { ...scope, custodian: organisation } : scope;
}
