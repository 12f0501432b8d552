import type { ConsentTerms } from '../../domain/consent/terms.ts';
import type { InstitutionDraft, PractitionerDraft } from '../../fhir/draft.ts';
import { type Id16, isLabel, type StreamName, subjectOf } from '../../kernel/id.ts';
import { addMs, type Instant } from '../../kernel/instant.ts';
import type { ConsentDraft } from '../../seed/consent.ts';
import { population, type SeedResident } from '../../seed/population.ts';
import type { Caller } from '../actor.ts';
import type { App } from '../app.ts';
import { denyConsent, grantConsent, requestConsent, revokeConsent } from '../commands/consent.ts';
import { newCode } from '../commands/resident-stream.ts';
import type { Outcome } from '../outcome.ts';
import { inParallel } from './in-parallel.ts';
import { importParties, type PartyIds } from './parties.ts';
import { importResident } from './resident.ts';

const DAY_MS = 86_400_000;
/** Residents that are brought in at once. */
const PARALLEL = 8;
/** Tokens of people who are played by the seed. */
const ISSUER = 'urn:hrl:seed';
const NEVER = '9999-12-31T23:59:59.999Z' as Instant;

export interface SeedSummary {
  /** All of the population, and how many of them were new. */
  readonly residents: number;
  readonly newResidents: number;
  /** Records that were new. */
  readonly records: number;
  /** Consents of the population that stand in the ledger, whatever became of them. */
  readonly consents: number;
}

/**
 * Brings a made-up population into the ledger, through the same commands as everybody's. The same seed again adds nothing; after a run
 * that was stopped anywhere it adds what is missing.
 */
export async function importPopulation(
  app: App,
  caller: Caller,
  options: { readonly seed: string; readonly residents: number; readonly onProgress?: (residents: number) => void },
): Promise<SeedSummary> {
  const institutions: InstitutionDraft[] = [];
  const practitioners: PractitionerDraft[] = [];
  const items = population(options);
  let first: SeedResident | undefined;
  for (let item = items.next(); item.done !== true; item = items.next()) {
    if (item.value.kind === 'institution') institutions.push(item.value.draft);
    else if (item.value.kind === 'practitioner') practitioners.push(item.value.draft);
    else {
      first = item.value;
      break;
    }
  }
  const parties = await importParties(app, caller, { institutions, practitioners }, () => undefined);

  const summary = { residents: 0, newResidents: 0, records: 0, consents: 0 };
  const residents = function* (): Generator<SeedResident> {
    if (first !== undefined) yield first;
    for (let item = items.next(); item.done !== true; item = items.next()) {
      if (item.value.kind === 'resident') yield item.value;
    }
  };
  await inParallel(residents(), PARALLEL, async (resident) => {
    const { draft, records, codeBytes } = resident;
    const code = newCode(codeBytes);
    const imported = await importResident(app, caller, { draft, records, code }, parties);
    summary.residents++;
    if (imported.person.kind === 'taken') summary.newResidents++;
    summary.records += imported.records.filter(({ kind }) => kind === 'taken').length;
    if (imported.stream !== undefined) {
      // Not `+=` over an await: that would lose what the others add meanwhile.
      const stand = await consents(app, imported.stream, code, resident, parties);
      summary.consents += stand;
    }
    options.onProgress?.(summary.residents);
  });
  return summary;
}

/** Plays the residents and their doctors: asks, grants, denies, revokes. Returns how many consents came about. */
async function consents(
  app: App,
  stream: StreamName,
  code: string,
  resident: SeedResident,
  parties: PartyIds,
): Promise<number> {
  const since = await registeredAt(app, stream);
  let made = 0;
  for (const [i, draft] of resident.consents.entries()) {
    const institution = parties.institution(draft.grantee.institution);
    if (institution === undefined) continue;
    if (await play(app, stream, code, draft, i, institution, parties, since)) made++;
  }
  return made;
}

/** Consents count from here, not from now: a second run asks for the very same, and is told that it stands. */
async function registeredAt(app: App, stream: StreamName): Promise<Instant> {
  for await (const event of app.ledger.readStream(stream)) return event.time;
  throw new Error('a resident that was brought in has events');
}

async function play(
  app: App,
  stream: StreamName,
  code: string,
  draft: ConsentDraft,
  i: number,
  institution: Id16,
  parties: PartyIds,
  since: Instant,
): Promise<boolean> {
  const label = subjectOf(stream);
  if (!isLabel(label)) return false;
  const practitioner = draft.grantee.practitioner && parties.practitioner(draft.grantee.practitioner);
  const terms: ConsentTerms = {
    grantee:
      practitioner === undefined
        ? { kind: 'institution', institution }
        : { kind: 'practitioner', institution, practitioner },
    purposes: draft.purposes,
    categories: draft.categories,
    labels: draft.labels,
    period: draft.period,
    validFrom: since,
    validUntil: addMs(since, draft.validDays * DAY_MS),
  };
  const person = { issuer: ISSUER, subject: label, until: NEVER };
  const self = { actor: { ...person, role: 'resident', label } } as const;
  const asker = draft.asker && parties.practitioner(draft.asker.practitioner);
  const requestId = (step: string): string => `seed-${step}-${i}-${label.slice(0, 16)}`;
  const { evidence } = draft;
  if (draft.course === 'given') {
    return isDone(await grantConsent(app, self, requestId('grant'), { terms, evidence }));
  }
  if (asker === undefined) return false;
  const doctor = {
    actor: { ...person, subject: asker, role: 'practitioner', id: asker, registered: true, institution },
  } as const;
  const { grantee: _grantee, ...asked } = terms;
  const requested = await requestConsent(app, doctor, requestId('ask'), {
    code,
    granteeKind: terms.grantee.kind,
    ...asked,
  });
  if (requested.kind === 'refusal') return false;
  const { consentId } = requested.value;
  switch (draft.course) {
    case 'asked':
      return true;
    case 'denied':
      return isDone(await denyConsent(app, self, requestId('deny'), { consentId }));
    case 'granted':
      return isDone(await grantConsent(app, self, requestId('grant'), { consentId, terms, evidence }));
    case 'revoked':
      await grantConsent(app, self, requestId('grant'), { consentId, terms, evidence });
      return isDone(await revokeConsent(app, self, requestId('revoke'), { consentId }));
  }
}

const isDone = (outcome: Outcome<unknown>): boolean => outcome.kind === 'done';
