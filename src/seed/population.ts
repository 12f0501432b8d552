import { ID_CARD_SYSTEM } from '../fhir/document-type.ts';
import type { InstitutionDraft, PartyKey, PractitionerDraft, RecordDraft, ResidentDraft } from '../fhir/draft.ts';
import { isObject } from '../fhir/element.ts';
import { partyKeyOfIdentifier } from '../fhir/party.ts';
import { recordDraft } from '../fhir/record.ts';
import { utf8 } from '../kernel/bytes.ts';
import { Malformed } from '../kernel/fault.ts';
import { nobleSuite } from '../kernel/suite-noble.ts';
import { clinicalHistory, type MadeResource, type Patient } from './clinical.ts';
import { type ConsentDraft, consentsOf } from './consent.ts';
import { inventedIdCard, MAX_RESIDENTS } from './id-number.ts';
import { type CountyCare, countyCare, institutionsOf } from './institution.ts';
import { inventedAddress, inventedName, inventedPhone } from './person.ts';
import { randomOf } from './random.ts';

export type SeedItem =
  | { readonly kind: 'institution'; readonly draft: InstitutionDraft }
  | { readonly kind: 'practitioner'; readonly draft: PractitionerDraft }
  | SeedResident;

export interface SeedResident {
  readonly kind: 'resident';
  readonly draft: ResidentDraft & { readonly region: string };
  readonly familyDoctor: { readonly practitioner: PartyKey; readonly institution: PartyKey };
  /** Oldest first. */
  readonly records: readonly RecordDraft[];
  readonly consents: readonly ConsentDraft[];
  /** What the health code is made of: invented like the person, so that a second run of the seed knows it. */
  readonly codeBytes: Uint8Array;
}

export interface PopulationOptions {
  /** 1 to 64 letters, digits, dots, hyphens or underscores. */
  readonly seed: string;
  /** 0 to `MAX_RESIDENTS`. */
  readonly residents: number;
}

/**
 * A synthetic province: institutions, then practitioners, then residents, one at a time, so that a large one needs no more
 * memory than a small one. Seed and size decide every byte; no clock, no chance. Throws `Malformed` for options out of range.
 */
export function* population({ seed, residents }: PopulationOptions): Generator<SeedItem, void, undefined> {
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(seed))
    throw new Malformed('seed', 'not 1 to 64 letters, digits, dots, hyphens or underscores');
  if (!Number.isSafeInteger(residents) || residents < 0 || residents > MAX_RESIDENTS) {
    throw new Malformed('residents', `not a whole number from 0 to ${MAX_RESIDENTS}`);
  }
  const care = countyCare(seed, residents);
  const institutions = institutionsOf(care);
  for (const { draft } of institutions) yield { kind: 'institution', draft };
  for (const { staff } of institutions) for (const draft of staff) yield { kind: 'practitioner', draft };
  for (let i = 0; i < residents; i++) yield resident(seed, i, care);
}

function resident(seed: string, i: number, counties: readonly CountyCare[]): SeedResident {
  const random = randomOf(`${seed}/resident/${i}`);
  const { number, birthDate, sex } = inventedIdCard(seed, i);
  const care = random.pick(counties);
  const centre = random.pick(care.centres);
  const familyDoctor = random.pick(centre.staff);
  const patient: Patient = { id: random.uuid(), birthDate, care, centre, familyDoctor };
  const sourceSystem = `urn:hrl:seed:${seed}`;
  const name = inventedName(random, sex);
  return {
    kind: 'resident',
    draft: {
      sourceSystem,
      sourceId: patient.id,
      name,
      names: [name],
      sex,
      birthDate,
      phone: inventedPhone(random),
      address: inventedAddress(random, care.county),
      region: care.county.code,
      demographics: {},
      documents: [{ type: '01', issuer: ID_CARD_SYSTEM, number }],
    },
    familyDoctor: { practitioner: familyDoctor.key, institution: centre.draft.key },
    records: clinicalHistory(random, patient).map((made) => recordOf(made, sourceSystem)),
    consents: consentsOf(random, patient),
    codeBytes: nobleSuite.hash(utf8(`${seed}/code/${i}`)),
  };
}

/** By the very rules of an import, so that the two cannot drift apart. */
function recordOf({ type, id, at, resource }: MadeResource, sourceSystem: string): RecordDraft {
  const content = utf8(JSON.stringify(resource));
  const draft = recordDraft(type, { ...resource }, content, {
    sourceSystem,
    id,
    custodian: at.draft.key,
    practitionerOf: (reference) =>
      isObject(reference) && isObject(reference.identifier) ? partyKeyOfIdentifier(reference.identifier) : undefined,
    lenders: [],
    ...(type === 'Encounter' ? { encounter: { ...resource } } : {}),
  });
  if (typeof draft === 'string') throw new Error(`an invented ${type}: ${draft}`);
  return draft;
}
