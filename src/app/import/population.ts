import type { ConsentTerms } from '../../domain/consent/terms.ts';
import type { InstitutionDraft, PartyKey, PractitionerDraft } from '../../fhir/draft.ts';
import { type Id16, isLabel, type StreamName, subjectOf } from '../../kernel/id.ts';
import { addMs, type Instant } from '../../kernel/instant.ts';
import type { ConsentDraft } from '../../seed/consent.ts';
import { population, type SeedResident } from '../../seed/population.ts';
import type { Caller } from '../actor.ts';
import type { App } from '../app.ts';
import { denyConsent, grantConsent, requestConsent, revokeConsent } from '../commands/consent.ts';
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
  readonly residents: number;
  readonly records: number;
  readonly consents: number;
  /** Some of the residents, for examples to paste: their code, and who may read them for what. */
  readonly examples: readonly SeedExample[];
}

export interface SeedExample {
  readonly code: string;
  readonly document: { readonly type: string; readonly number: string };
  readonly familyDoctor: { readonly practitioner: PartyKey; readonly institution: PartyKey };
  readonly grantedTo: PartyKey | undefined;
}

/** Brings a made-up population into the ledger, through the same commands as everybody's. The same seed again adds nothing. */
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

  const summary = { residents: 0, records: 0, consents: 0 };
  const examples: SeedExample[] = [];
  const residents = function* (): Generator<SeedResident> {
    if (first !== undefined) yield first;
    for (let item = items.next(); item.done !== true; item = items.next()) {
      if (item.value.kind === 'resident') yield item.value;
    }
  };
  await inParallel(residents(), PARALLEL, async (resident) => {
    const { draft, records, familyDoctor } = resident;
    const imported = await importResident(app, caller, { draft, records }, parties);
    summary.residents++;
    summary.records += imported.records.filter(({ kind }) => kind === 'taken').length;
    if (imported.code !== undefined && imported.stream !== undefined) {
      summary.consents += await consents(app, imported.stream, imported.code, resident, parties);
      const given = resident.consents.find(({ course }) => course === 'given' || course === 'granted');
      const { type, number } = draft.documents[0] as { type: string; number: string };
      examples.push({
        code: imported.code,
        document: { type, number },
        familyDoctor,
        grantedTo: given?.grantee.institution,
      });
    }
    options.onProgress?.(summary.residents);
  });
  return { ...summary, examples };
}

/** Plays the residents and their doctors: asks, grants, denies, revokes. Returns how many consents came about. */
async function consents(
  app: App,
  stream: StreamName,
  code: string,
  resident: SeedResident,
  parties: PartyIds,
): Promise<number> {
  let made = 0;
  for (const [i, draft] of resident.consents.entries()) {
    const institution = parties.institution(draft.grantee.institution);
    if (institution === undefined) continue;
    if (await play(app, stream, code, draft, i, institution, parties)) made++;
  }
  return made;
}

async function play(
  app: App,
  stream: StreamName,
  code: string,
  draft: ConsentDraft,
  i: number,
  institution: Id16,
  parties: PartyIds,
): Promise<boolean> {
  const label = subjectOf(stream);
  if (!isLabel(label)) return false;
  const practitioner = draft.grantee.practitioner && parties.practitioner(draft.grantee.practitioner);
  const now = app.clock.now();
  const terms: ConsentTerms = {
    grantee:
      practitioner === undefined
        ? { kind: 'institution', institution }
        : { kind: 'practitioner', institution, practitioner },
    purposes: draft.purposes,
    categories: draft.categories,
    labels: draft.labels,
    period: draft.period,
    validFrom: now,
    validUntil: addMs(now, draft.validDays * DAY_MS),
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
