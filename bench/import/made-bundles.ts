import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ID_CARD_SYSTEM } from '../../src/fhir/document-type.ts';
import type { InstitutionDraft, PractitionerDraft } from '../../src/fhir/draft.ts';
import { population, type SeedResident } from '../../src/seed/population.ts';
import { type Random, randomOf } from '../../src/seed/random.ts';

/** Encounters of a person, and observations at each: with the person some 200 events a bundle, as in Synthea's. */
const ENCOUNTERS = 10;
const OBSERVATIONS = 19;
/** Letters of narrative in a resource: with it one is about as large as Synthea's are on average (3.8 KB). */
const NARRATIVE = 3_300;

export interface MadeBundles {
  readonly files: readonly string[];
  /** All bytes of all files. */
  readonly bytes: number;
}

/**
 * Writes FHIR R4 transaction bundles of the seed's people, one a person, with long histories. The same seed makes the same bytes; another
 * seed, other people.
 */
export async function madeBundles(folder: string, seed: string, residents: number): Promise<MadeBundles> {
  await mkdir(folder, { recursive: true });
  const institutions: InstitutionDraft[] = [];
  const practitioners: PractitionerDraft[] = [];
  const files: string[] = [];
  let bytes = 0;
  for (const item of population({ seed, residents })) {
    if (item.kind === 'institution') institutions.push(item.draft);
    else if (item.kind === 'practitioner') practitioners.push(item.draft);
    else {
      const file = join(folder, `${files.length}.json`);
      const text = JSON.stringify(
        bundleOf(item, institutions, practitioners, randomOf(`${seed}/bundle/${files.length}`)),
      );
      await writeFile(file, text);
      files.push(file);
      bytes += Buffer.byteLength(text);
    }
  }
  return { files, bytes };
}

interface Resource {
  readonly resourceType: string;
  readonly id: string;
  readonly [element: string]: unknown;
}

function bundleOf(
  { draft }: SeedResident,
  institutions: readonly InstitutionDraft[],
  practitioners: readonly PractitionerDraft[],
  random: Random,
): object {
  const resources: Resource[] = [];
  const write = (resourceType: string, body: object): { reference: string } => {
    const id = random.uuid();
    resources.push({ resourceType, id, ...body });
    return { reference: `${resourceType}/${id}` };
  };
  const patient = write('Patient', {
    identifier: [{ system: ID_CARD_SYSTEM, value: draft.documents[0]?.number }],
    name: [{ text: draft.name }],
    gender: draft.sex,
    birthDate: draft.birthDate,
    address: [{ text: draft.address }],
  });
  const institution = random.pick(institutions);
  const provider = write('Organization', { identifier: [idOf(institution.key)], name: institution.name });
  const doctor = random.pick(practitioners);
  const physician = write('Practitioner', { identifier: [idOf(doctor.key)], name: [{ text: doctor.name }] });
  for (let visit = 0; visit < ENCOUNTERS; visit++) {
    const day = `20${10 + random.int(15)}-0${1 + random.int(9)}-1${random.int(10)}`;
    const encounter = write('Encounter', {
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
      type: [{ text: '门诊病历' }],
      subject: patient,
      participant: [{ individual: physician }],
      period: { start: `${day}T01:00:00Z`, end: `${day}T02:00:00Z` },
      serviceProvider: provider,
      text: narrative(random),
    });
    for (let n = 0; n < OBSERVATIONS; n++) {
      write('Observation', {
        status: 'final',
        category: [{ coding: [{ code: 'laboratory' }] }],
        code: {
          coding: [
            {
              system: 'http://loinc.org',
              code: `${1000 + random.int(9000)}-${random.int(10)}`,
              display: 'Laboratory value',
            },
          ],
        },
        subject: patient,
        encounter,
        performer: [physician],
        effectiveDateTime: `${day}T01:${10 + n}:00Z`,
        valueQuantity: { value: random.int(500), unit: 'mmol/L', system: 'http://unitsofmeasure.org' },
        text: narrative(random),
      });
    }
  }
  const entry = resources.map((resource) => ({
    fullUrl: `urn:uuid:${resource.id}`,
    resource,
    request: { method: 'POST', url: resource.resourceType },
  }));
  return { resourceType: 'Bundle', type: 'transaction', entry };
}

const idOf = ({ system, number }: { readonly system: string; readonly number: string }) => ({ system, value: number });

function narrative(random: Random): object {
  const words: string[] = [];
  for (let size = 0; size < NARRATIVE; size += 9)
    words.push(
      random
        .int(2 ** 30)
        .toString(36)
        .padStart(8, '0'),
    );
  return { status: 'generated', div: words.join(' ') };
}
