import type { ConsentTerms } from '../domain/consent/terms.ts';
import * as f from '../kernel/field.ts';
import { type Id16, isId16 } from '../kernel/id.ts';
import { LedgerBusy } from '../ledger/faults.ts';
import type { ConsentRow, ConsentStanding } from '../reads/open/consents.ts';
import type { ClaimRef } from '../vault/port.ts';
import type { Caller, ResidentActor } from './actor.ts';
import type { CodeState, ConsentPage, ConsentView, InstitutionView, Paging, PractitionerView } from './api.ts';
import type { App } from './app.ts';
import { institutionClaim, practitionerClaim } from './claim-refs.ts';
import { type CursorPayload, cursorBinding, openCursor, sealCursor } from './gate/cursor.ts';
import { DEFAULT_PAGE, PAGING, parseInput } from './input.ts';
import { namesOf } from './names.ts';
import { done, type Outcome, refusal } from './outcome.ts';

const PROJECTION_WAIT_MS = 2_000;

/** What a list of consents is asked for, and how those then stand. */
const STANDINGS: { readonly [state in 'live' | 'pending' | 'ended']: readonly ConsentStanding[] } = {
  live: ['live', 'not-yet-valid'],
  pending: ['pending'],
  ended: ['denied', 'revoked', 'expired'],
};

/** Reads of what one has just done see it. Nobody is shown a grant as live that was revoked, so who cannot be shown the present comes again. */
async function caughtUp(app: App): Promise<void> {
  const end = await app.ledger.end();
  if (end !== undefined && !(await app.projected.waitFor(end, PROJECTION_WAIT_MS))) {
    throw new LedgerBusy(PROJECTION_WAIT_MS);
  }
}

/** Resident: own consents and the requests for them. Nothing clinical, so reading them leaves no event. */
export async function myConsents(
  app: App,
  caller: Caller & { readonly actor: ResidentActor },
  raw: { readonly state?: 'live' | 'pending' | 'ended' } & Paging,
): Promise<Outcome<ConsentPage>> {
  const { state, first, after } = parseInput(
    { state: f.optional(f.oneOf('live', 'pending', 'ended')), ...PAGING },
    raw,
  );
  const binding = cursorBinding(caller.actor, 'consents', state === undefined ? {} : { state });
  const cursor = after === undefined ? undefined : openCursor(app, binding, after);
  if (cursor === 'bad') return refusal('not-available');
  await caughtUp(app);
  const list = await app.open.consentsOf(caller.actor.label, {
    at: app.clock.now(),
    first: first ?? DEFAULT_PAGE,
    ...(state === undefined ? {} : { standings: STANDINGS[state] }),
    ...(cursor === undefined ? {} : { after: cursor.key as [string, string] }),
  });
  const next = (row: ConsentRow): CursorPayload => ({ page: (cursor?.page ?? 1) + 1, key: row.sortKey });
  const views = await viewsOf(app, list.items);
  const consents = views.map((view, i) => ({
    ...view,
    cursor: sealCursor(app, binding, next(list.items[i] as ConsentRow)),
  }));
  return done({
    consents,
    hasNextPage: list.hasNext,
    endCursor: consents.at(-1)?.cursor ?? null,
    total: list.matched,
  });
}

async function viewsOf(app: App, rows: readonly ConsentRow[]): Promise<Omit<ConsentView, 'cursor'>[]> {
  const [opened, names] = await Promise.all([
    app.openRetained(rows.map((row) => row.terms)),
    namesOf(app, {
      institutions: rows.map((row) => ({ id: row.granteeInstitution, revision: null })),
      practitioners: rows.flatMap(({ granteePractitioner: id }) => (id === null ? [] : [{ id, revision: null }])),
    }),
  ]);
  return rows.flatMap((row, i) => {
    const retained = opened[i];
    if (retained === undefined || retained === 'expired') return [];
    return [
      {
        consentId: row.consentId,
        state: row.standing,
        terms: retained.terms as ConsentTerms,
        institution: names.institution(row.granteeInstitution, null),
        practitioner: row.granteePractitioner === null ? null : names.practitioner(row.granteePractitioner, null),
        requestedAt: row.requestedAt,
        answerBy: row.answerBy,
        grantedAt: row.grantedAt,
        endedAt: row.endedAt,
      },
    ];
  });
}

/** Resident: how the own codes stand. Their text is on the card, and is not told here. */
export async function myCodes(
  app: App,
  caller: Caller & { readonly actor: ResidentActor },
): Promise<Outcome<readonly CodeState[]>> {
  await caughtUp(app);
  const rows = await app.open.codeStatesOf(caller.actor.label);
  return done(rows.map(({ codeRef, state, issuedAt }) => ({ ref: codeRef, state, issuedAt })));
}

const KEY = { id: f.optional(f.text(64)), system: f.optional(f.text(256)), number: f.optional(f.text(128)) } as const;

/** The id behind an id or an identifier. */
async function partyId(
  app: App,
  raw: unknown,
  claim: (key: { system: string; number: string }) => ClaimRef,
): Promise<Id16 | undefined> {
  const { id, system, number } = parseInput(KEY, raw);
  if (id !== undefined) return isId16(id) ? id : undefined;
  if (system === undefined || number === undefined) return undefined;
  const [found] = await app.claims.lookup([claim({ system, number })]);
  return found !== undefined && isId16(found) ? found : undefined;
}

/** An organisation, by id or by identifier; null when there is none. */
export async function institutionView(app: App, raw: unknown): Promise<InstitutionView | null> {
  const id = await partyId(app, raw, institutionClaim);
  await caughtUp(app);
  const row = id === undefined ? undefined : await app.open.institution(id);
  if (row === undefined) return null;
  const [profile] = await app.openRetained([row.profile]);
  if (profile === undefined || profile === 'expired') return null;
  const said = profile as unknown as Pick<InstitutionView, 'name' | 'identifiers'> & Partial<InstitutionView>;
  return {
    id: row.id,
    name: said.name,
    identifiers: said.identifiers,
    region: said.region ?? null,
    level: said.level ?? null,
    kind: said.kind ?? null,
    state: row.state,
  };
}

/** A practitioner, by id or by identifier; null when there is none. */
export async function practitionerView(app: App, raw: unknown): Promise<PractitionerView | null> {
  const id = await partyId(app, raw, practitionerClaim);
  await caughtUp(app);
  const row = id === undefined ? undefined : await app.open.practitioner(id);
  if (row === undefined) return null;
  const [[profile], names] = await Promise.all([
    app.openRetained([row.profile]),
    namesOf(app, { institutions: row.affiliations.map((one) => ({ id: one, revision: null })), practitioners: [] }),
  ]);
  if (profile === undefined || profile === 'expired') return null;
  const said = profile as unknown as { name: string; title?: string; licence?: string };
  return {
    id: row.id,
    name: said.name,
    title: said.title ?? null,
    licence: said.licence ?? null,
    affiliations: row.affiliations.map((one) => names.institution(one, null)),
    state: row.state,
  };
}
