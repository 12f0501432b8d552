import type { TokenClaims } from '../app/api.ts';
import type { ClaimNames } from '../config.ts';
import { ACTOR_KINDS, type ActorKind } from '../kernel/event.ts';
import * as f from '../kernel/field.ts';
import type { Instant } from '../kernel/instant.ts';
import { Unauthenticated } from './faults.ts';

/** What a verified token says, before its claims are given their meaning. */
export interface VerifiedToken {
  readonly issuer: string;
  readonly subject: string;
  readonly until: Instant;
  readonly payload: Readonly<Record<string, unknown>>;
}

const text = f.text(512);
const key = f.object({ system: f.text(256), number: f.text(128) });
const document = f.object({ type: f.text(256), issuer: f.optional(f.text(256)), number: f.text(128) });

/** Reads a claim strictly; what does not fit its field makes the whole token worthless. */
function claim<T>(field: f.Field<T>, value: unknown): T {
  try {
    return field.check(value, 'claim');
  } catch (cause) {
    throw new Unauthenticated('invalid', cause);
  }
}

/** A role's name, or a list that holds exactly one name that we know; a list of two of our roles is nobody's. */
function roleOf(value: unknown, names: ClaimNames): ActorKind {
  const said = typeof value === 'string' ? [value] : Array.isArray(value) ? value : [];
  const ours = (name: unknown): ActorKind | undefined => {
    if (typeof name !== 'string') return undefined;
    return names.roles.size > 0 ? names.roles.get(name) : ACTOR_KINDS.find((kind) => kind === name);
  };
  const [role, second] = new Set(said.map(ours).filter((kind) => kind !== undefined));
  if (role === undefined || second !== undefined) throw new Unauthenticated('invalid');
  return role;
}

/** `system|number`, `{ system, number }`, or the bare number when its system is configured. */
function keyOf(value: unknown, system: string | undefined): f.Infer<typeof key> {
  if (typeof value !== 'string') return claim(key, value);
  const cut = value.indexOf('|');
  if (cut < 0) return claim(key, { system, number: value });
  return claim(key, { system: value.slice(0, cut), number: value.slice(cut + 1) });
}

/** `type|issuer|number` with an issuer that may be empty, or `{ type, issuer?, number }`. */
function documentOf(value: unknown): f.Infer<typeof document> {
  if (typeof value !== 'string') return claim(document, value);
  const [type, issuer, ...number] = value.split('|');
  return claim(document, { type, ...(issuer === '' ? {} : { issuer }), number: number.join('|') });
}

/**
 * Claims → who asks, by configuration. Every role but the resident's speaks for an organisation, a practitioner also for a number.
 * A claim that the role does not use is not looked at.
 */
export function toTokenClaims(token: VerifiedToken, names: ClaimNames): TokenClaims {
  const { payload, until } = token;
  const role = roleOf(payload[names.role], names);
  const who = { issuer: claim(text, token.issuer), subject: claim(text, token.subject), role, until };
  if (role === 'resident') {
    const shown = payload[names.document];
    return shown === undefined ? who : { ...who, document: documentOf(shown) };
  }
  const organisation = keyOf(payload[names.organisation], names.organisationSystem);
  if (role !== 'practitioner') return { ...who, organisation };
  return { ...who, organisation, practitioner: keyOf(payload[names.practitioner], names.practitionerSystem) };
}
