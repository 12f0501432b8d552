import { type Custody, custodyOf } from './custody.ts';
import type { Bundle, BundleEntry, CutResource } from './cut.ts';
import {
  type InstitutionDraft,
  type PartyKey,
  type PractitionerDraft,
  partyKeyText,
  type RecordDraft,
  type ResidentDraft,
} from './draft.ts';
import type { JsonObject } from './element.ts';
import { institutionDraft, practitionerDraft } from './party.ts';
import { recordDraft } from './record.ts';
import { bundleReferences, resourceId } from './reference.ts';
import { type ResidentReason, residentDraft, sourceSystemOf } from './resident.ts';
import { isRecordType, PARTY_TYPES } from './resource-table.ts';
import { type CustodianReason, surroundingsOf } from './surroundings.ts';

/** Why an entry was left. Printed in reports; none holds anything of the entry. */
export type LeftReason =
  | ResidentReason
  | Extract<BundleEntry['resource'], string>
  | 'method-not-taken'
  | 'unknown-type'
  | 'no-id'
  | 'no-name-or-identifier'
  | 'subject-not-in-bundle'
  | 'subject-left'
  | 'no-clinical-time'
  | CustodianReason;

export interface LeftEntry {
  readonly entry: number;
  readonly line: number;
  readonly type: string;
  readonly reason: LeftReason;
}

/** Every entry of the bundle stands in exactly one of these lists, by its index. */
export interface BundleDrafts {
  readonly file: string;
  readonly entries: number;
  readonly institutions: readonly PartyEntry<InstitutionDraft>[];
  readonly practitioners: readonly PartyEntry<PractitionerDraft>[];
  readonly residents: readonly ResidentDrafts[];
  readonly left: readonly LeftEntry[];
}

export interface PartyEntry<T> {
  readonly entry: number;
  readonly draft: T;
  /** What references in other bundles may call it: its fullUrl and `Type/id`. */
  readonly names: readonly string[];
  /** The exact bytes of the source. */
  readonly content: Uint8Array;
}

export interface ResidentDrafts {
  readonly entry: number;
  readonly draft: ResidentDraft;
  /** In the order of the file. */
  readonly records: readonly { readonly entry: number; readonly draft: RecordDraft }[];
}

export interface ExtractOptions {
  /** Source system of resources that name none and whose patient has none. */
  readonly source?: string;
  /** Custodian of records that name no provider. */
  readonly custodian?: PartyKey;
  /** Organisations and practitioners of other bundles, by the reference as written. */
  readonly partyElsewhere?: (reference: string) => PartyKey | undefined;
}

type Usable = BundleEntry & { readonly resource: CutResource };
type Person = ResidentDrafts & { readonly records: ResidentDrafts['records'][number][] };

type Leave = (entry: BundleEntry, reason: LeftReason) => void;

/** The organisations and practitioners of a bundle alone, as `extractBundle` gives them. Throws `BundleFault` like it. */
export function extractParties(bundle: Bundle): Pick<BundleDrafts, 'institutions' | 'practitioners'> {
  const references = bundleReferences(bundle);
  return partiesOf(
    usableOf(bundle, () => {}),
    custodyOf(references, () => undefined),
    () => {},
  );
}

/** Everything a bundle says, as plain data. Throws `BundleFault` when its references are ambiguous. */
export function extractBundle(bundle: Bundle, options: ExtractOptions = {}): BundleDrafts {
  const references = bundleReferences(bundle);
  const custody = custodyOf(references, options.partyElsewhere ?? (() => undefined));
  const left: LeftEntry[] = [];
  const leave: Leave = (entry, reason) => {
    const type = typeof entry.resource === 'string' ? '(none)' : entry.resource.type;
    left.push({ entry: entry.index, line: entry.line, type, reason });
  };
  const usable = usableOf(bundle, leave);
  const ofType = (type: string): readonly Usable[] => entriesOf(usable, type);
  const { institutions, practitioners } = partiesOf(usable, custody, leave);
  const encounters = ofType('Encounter').map((entry) => entry.resource.value);

  const people = new Map<JsonObject, Person>();
  for (const entry of ofType('Patient')) {
    const id = resourceId(entry.resource, entry.fullUrl);
    const draft = id === undefined ? 'no-id' : residentDraft(entry.resource.value, id, options.source);
    if (typeof draft === 'string') leave(entry, draft);
    else people.set(entry.resource.value, { entry: entry.index, draft, records: [] });
  }

  const carePlans = ofType('CarePlan').map((entry) => entry.resource.value);
  const surroundings = surroundingsOf(references, custody, encounters, carePlans, options.custodian);
  for (const entry of usable) {
    const { type, value, bytes } = entry.resource;
    if (!isRecordType(type)) continue;
    const around = surroundings(type, value);
    const person = around === undefined ? undefined : people.get(around.patient);
    const id = resourceId(entry.resource, entry.fullUrl);
    if (around === undefined) leave(entry, 'subject-not-in-bundle');
    else if (person === undefined) leave(entry, 'subject-left');
    else if (id === undefined) leave(entry, 'no-id');
    else if (typeof around.custodian === 'string') leave(entry, around.custodian);
    else {
      const sourceSystem = sourceSystemOf(value) ?? person.draft.sourceSystem;
      const draft = recordDraft(type, value, bytes, { ...around, custodian: around.custodian, sourceSystem, id });
      if (typeof draft === 'string') leave(entry, draft);
      else person.records.push({ entry: entry.index, draft });
    }
  }
  left.sort((a, b) => a.entry - b.entry);
  const residents = [...people.values()];
  return { file: bundle.file, entries: bundle.entries.length, institutions, practitioners, residents, left };
}

function usableOf(bundle: Bundle, leave: Leave): Usable[] {
  const usable: Usable[] = [];
  for (const entry of bundle.entries) {
    const reason = reasonToLeave(entry);
    if (reason === undefined) usable.push(entry as Usable);
    else leave(entry, reason);
  }
  return usable;
}

const entriesOf = (usable: readonly Usable[], type: string): readonly Usable[] =>
  usable.filter((entry) => entry.resource.type === type);

function partiesOf(
  usable: readonly Usable[],
  custody: Custody,
  leave: Leave,
): Pick<BundleDrafts, 'institutions' | 'practitioners'> {
  const institutions = entriesOf(usable, 'Organization').flatMap((entry) => {
    const draft = institutionDraft(entry.resource.value);
    if (draft === undefined) leave(entry, 'no-name-or-identifier');
    return draft === undefined ? [] : [partyEntry(entry, draft)];
  });
  const affiliations = custody.affiliations(entriesOf(usable, 'Encounter').map((entry) => entry.resource.value));
  const practitioners = entriesOf(usable, 'Practitioner').flatMap((entry) => {
    const draft = practitionerDraft(entry.resource.value);
    if (draft === undefined) leave(entry, 'no-name-or-identifier');
    if (draft === undefined) return [];
    const where = affiliations.get(partyKeyText(draft.key)) ?? [];
    return [partyEntry(entry, { ...draft, affiliations: where })];
  });
  return { institutions, practitioners };
}

function partyEntry<T>({ index, resource, fullUrl }: Usable, draft: T): PartyEntry<T> {
  const id = resourceId(resource, fullUrl);
  const names = [...(fullUrl === undefined ? [] : [fullUrl]), ...(id === undefined ? [] : [`${resource.type}/${id}`])];
  return { entry: index, draft, names, content: resource.bytes };
}

function reasonToLeave(entry: BundleEntry): LeftReason | undefined {
  if (typeof entry.resource === 'string') return entry.resource;
  // An entry that deletes or patches says nothing that could be taken; one without a method is taken as it stands.
  if (entry.method !== undefined && entry.method !== 'POST' && entry.method !== 'PUT') return 'method-not-taken';
  return Object.hasOwn(PARTY_TYPES, entry.resource.type) || isRecordType(entry.resource.type)
    ? undefined
    : 'unknown-type';
}
