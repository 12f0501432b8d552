import { AN_EVENT, type Asking, aCursor, bindingOf, type TrailFilter } from './expected.ts';
import type { Args } from './reference-arguments.ts';
import { behind, DEFAULT_FIRST, leave, ownStream, refusal, residentStream } from './reference-reads.ts';
import type { KnownConsent, KnownHospital, KnownResident, Truth } from './truth.ts';

/** Trails, consents, codes and what is public, as the reference answers them. */

type Paged = { readonly first?: number; readonly after?: string };

export function consents(asking: Asking, state: string | undefined, { first = DEFAULT_FIRST, after }: Paged): object {
  const { truth, harvest, actor, now } = asking;
  const own = actor.resident as KnownResident;
  const binding = bindingOf('consents', { state });
  const cursor = after === undefined ? undefined : harvest.of(after);
  if (after !== undefined && !(cursor?.kind === 'cursor' && cursor.actor === actor.id && cursor.binding === binding))
    return refusal('NOT_AVAILABLE');
  const order = own.consents
    .filter((consent) => state === undefined || OF_FILTER[state]?.includes(stateOf(consent, now)))
    .map((consent) => ({ consent, key: `${consent.instants.requestedAt ?? consent.instants.grantedAt} ${consent.id}` }))
    .sort((a, b) => Buffer.compare(Buffer.from(b.key), Buffer.from(a.key)));
  const rest =
    cursor?.kind === 'cursor'
      ? order.filter(({ key }) => Buffer.compare(Buffer.from(key), Buffer.from(cursor.position)) < 0)
      : order;
  const page = rest.slice(0, first);
  const cursors = page.map(({ key }) => aCursor(binding, key, state === undefined ? {} : { state }));
  return {
    __typename: 'ConsentConnection',
    totalCount: order.length,
    pageInfo: {
      hasNextPage: rest.length > page.length,
      hasPreviousPage: after !== undefined,
      startCursor: cursors[0] ?? null,
      endCursor: cursors.at(-1) ?? null,
    },
    edges: page.map(({ consent }, i) => ({ cursor: cursors[i], node: consentNode(truth, consent, now) })),
  };
}

const OF_FILTER: Readonly<Record<string, readonly string[]>> = {
  LIVE: ['LIVE', 'NOT_YET_VALID'],
  PENDING: ['PENDING'],
  ENDED: ['DENIED', 'REVOKED', 'EXPIRED'],
};

export function stateOf({ fate, terms, instants }: KnownConsent, now: string): string {
  switch (fate) {
    case 'requested':
      return instants.answerBy !== null && instants.answerBy < now ? 'EXPIRED' : 'PENDING';
    case 'granted':
      if (terms.validUntil <= now) return 'EXPIRED';
      return terms.validFrom > now ? 'NOT_YET_VALID' : 'LIVE';
    case 'denied':
      return 'DENIED';
    case 'revoked':
      return 'REVOKED';
  }
}

function consentNode(truth: Truth, consent: KnownConsent, now: string): object {
  const { institution, practitioner = null } = consent.terms.grantee;
  const named = (list: readonly { id: string; name: string }[], id: string) => ({
    id,
    name: list.find((one) => one.id === id)?.name ?? null,
  });
  return {
    consentId: consent.id,
    state: stateOf(consent, now),
    terms: { ...consent.terms, grantee: { practitioner, ...consent.terms.grantee } },
    institution: named(truth.hospitals, institution),
    practitioner: practitioner === null ? null : named(truth.doctors, practitioner),
    ...consent.instants,
  };
}

export function codes({ actor }: Asking): object {
  const own = actor.resident as KnownResident;
  return { __typename: 'HealthCodes', codes: own.codes.map(({ ref, state, issuedAt }) => ({ ref, state, issuedAt })) };
}

export function ownLog(asking: Asking, path: string, { first, after, ...period }: TrailFilter & Paged): object {
  const own = asking.actor.resident as KnownResident;
  return trailPage(
    asking,
    path,
    residentStream(own),
    { label: own.label, ...period },
    { first, after },
    own.dead,
    period,
  );
}

export function trail(asking: Asking, path: string, asked: Args, { first, after }: Paged): object {
  const { truth, actor } = asking;
  const { code, ...filter } = asked as TrailFilter & { readonly code?: string };
  const resident = code === undefined ? undefined : behind(truth, code);
  if (code !== undefined && resident === undefined) {
    leave(asking, 'access.missed', ownStream(asking), filter.purpose ?? 'HOPERAT');
    return refusal('NOT_AVAILABLE');
  }
  const about = resident === undefined ? filter : { ...filter, label: resident.label };
  return trailPage(
    asking,
    path,
    streamOf(asking, about),
    about,
    { first, after },
    (actor.organisation as KnownHospital).ended,
    { filter: asked },
  );
}

/** The account of the one whom it is about, if there is one; else that of the asker's organisation. */
function streamOf(asking: Asking, { label, person, organisation }: TrailFilter): string {
  const { doctors, residents, hospitals } = asking.truth;
  if (label !== undefined) return `resident/${label}`;
  if (doctors.some(({ id }) => id === person)) return `practitioner/${person}`;
  if (residents.some((one) => one.label === person)) return `resident/${person}`;
  if (hospitals.some(({ id }) => id === organisation)) return `institution/${organisation}`;
  return ownStream(asking);
}

function trailPage(
  asking: Asking,
  path: string,
  stream: string,
  filter: TrailFilter,
  { first = DEFAULT_FIRST, after }: { readonly first?: number | undefined; readonly after?: string | undefined },
  denied: boolean,
  args: Args,
): object {
  const binding = bindingOf('trail', filter);
  const cursor = after === undefined ? undefined : asking.harvest.of(after);
  const fits =
    after === undefined ||
    (cursor?.kind === 'cursor' && cursor.actor === asking.actor.id && cursor.binding === binding);
  if (denied || !fits) {
    leave(asking, 'access.denied', stream, asking.actor.role === 'resident' ? 'PATRQT' : (filter.purpose ?? 'HOPERAT'));
    return refusal('NOT_AVAILABLE');
  }
  leave(asking, 'access.log-read', stream, null);
  asking.trails.push({ path, first, filter, binding, args, later: after !== undefined });
  // Its rows are compared by trail-check.ts, entry by entry: what other requests leave meanwhile may stand in it.
  return {
    __typename: 'TrailEntryConnection',
    event: AN_EVENT,
    totalCount: 0,
    pageInfo: { hasNextPage: false, hasPreviousPage: false },
    edges: [],
  };
}

export function institution(truth: Truth, { id, identifier }: Args): object | null {
  const found = truth.hospitals.find((one) => (id === undefined ? sameKey(one.key, identifier) : one.id === id));
  if (found === undefined) return null;
  const { key, ended, ...shown } = found;
  return { ...shown, identifiers: [key], state: ended ? 'ENDED' : 'ACTIVE' };
}

export function practitioner(truth: Truth, { id, identifier }: Args): object | null {
  const found = truth.doctors.find((one) => (id === undefined ? sameKey(one.key, identifier) : one.id === id));
  if (found === undefined) return null;
  const { key: _key, ended, affiliations, ...shown } = found;
  return {
    ...shown,
    affiliations: affiliations.map(({ id: of, name }) => ({ id: of, name })).sort((a, b) => (a.id < b.id ? -1 : 1)),
    state: ended ? 'ENDED' : 'ACTIVE',
  };
}

function sameKey(key: { system: string; number: string }, asked: unknown): boolean {
  const { system, number } = asked as { system: string; number: string };
  return key.system === system && key.number === number.normalize('NFKC');
}
