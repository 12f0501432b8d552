import type { Caller } from '../../src/app/actor.ts';
import { grantConsent } from '../../src/app/commands/consent.ts';
import { newCode } from '../../src/app/commands/resident-stream.ts';
import { inParallel } from '../../src/app/import/in-parallel.ts';
import { importParties } from '../../src/app/import/parties.ts';
import { importResident } from '../../src/app/import/resident.ts';
import { CATEGORIES, LABELS } from '../../src/domain/terms.ts';
import type { InstitutionDraft, PartyKey, PractitionerDraft } from '../../src/fhir/draft.ts';
import { isLabel, type Label, subjectOf } from '../../src/kernel/id.ts';
import { addMs, type Day, type Instant } from '../../src/kernel/instant.ts';
import type { Node } from '../../src/main.ts';
import { population, type SeedResident } from '../../src/seed/population.ts';

/** Records of each resident: a page of ten, and some behind it. */
const RECORDS = 12;
const DAY_MS = 86_400_000;
const PARALLEL = 24;
const NEVER = '9999-12-31T23:59:59.999Z' as Instant;

/** A resident whose family doctor may open everything, and the doctor. */
export interface Reading {
  readonly code: string;
  readonly label: Label;
  readonly practitioner: PartyKey;
  readonly institution: PartyKey;
  /** Who that is, as the subject of a token. */
  readonly doctor: string;
}

/**
 * So many residents of the made-up population, each with exactly twelve records and a grant of everything to the practice of the family
 * doctor, through the use cases of everybody.
 */
export async function populate(node: Node, residents: number): Promise<readonly Reading[]> {
  const { app } = node;
  const caller = node.local('bench');
  const institutions: InstitutionDraft[] = [];
  const practitioners: PractitionerDraft[] = [];
  const chosen: SeedResident[] = [];
  for (const item of population({ seed: 'bench-read', residents: 3 * residents })) {
    if (item.kind === 'institution') institutions.push(item.draft);
    else if (item.kind === 'practitioner') practitioners.push(item.draft);
    else if (item.records.length >= RECORDS) chosen.push({ ...item, records: item.records.slice(-RECORDS) });
    if (chosen.length === residents) break;
  }
  if (chosen.length < residents) throw new Error('the population has too few residents with enough records');
  const parties = await importParties(app, caller, { institutions, practitioners }, () => {});
  const readings: Reading[] = [];
  await inParallel(chosen, PARALLEL, async ({ draft, records, codeBytes, familyDoctor }) => {
    const code = newCode(codeBytes);
    const { stream } = await importResident(app, caller, { draft, records, code }, parties);
    const label = stream === undefined ? undefined : subjectOf(stream);
    const institution = parties.institution(familyDoctor.institution);
    if (label === undefined || !isLabel(label) || institution === undefined) throw new Error('a resident was left');
    const self: Caller = { actor: { role: 'resident', issuer: 'urn:bench', subject: label, until: NEVER, label } };
    const now = app.clock.now();
    const outcome = await grantConsent(app, self as never, `bench-grant-${label.slice(0, 32)}`, {
      terms: {
        grantee: { kind: 'institution', institution },
        purposes: ['TREAT'],
        categories: [...CATEGORIES],
        labels: [...LABELS],
        period: { from: '1900-01-01' as Day, to: '2099-12-31' as Day },
        validFrom: addMs(now, -60_000),
        validUntil: addMs(now, DAY_MS),
      },
      evidence: {
        noticeHash: 'A'.repeat(43),
        noticeVersion: 'bench-1',
        language: 'zh-CN',
        channel: '0402',
        authentication: 'face',
      },
    });
    if (outcome.kind === 'refusal') throw new Error(`a grant was refused: ${outcome.code}`);
    readings.push({ code, label, ...familyDoctor, doctor: familyDoctor.practitioner.number });
  });
  return readings;
}
