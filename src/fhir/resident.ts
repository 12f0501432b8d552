import { isDay } from '../kernel/instant.ts';
import { documentOf } from './document-type.ts';
import type { DocumentDraft, ResidentDraft } from './draft.ts';
import { exactText, isObject, type JsonObject, objectsAt, present, textAt, tidyText } from './element.ts';
import { parseFhirTime } from './fhir-time.ts';
import { addressOf, addressText, conceptText, namesOf, phoneOf } from './human.ts';

/** Documents of one person in one event, at most. */
const MAX_DOCUMENTS = 32;
const SEXES = ['male', 'female', 'other', 'unknown'] as const;

export type ResidentReason = 'no-name' | 'no-document' | 'too-many-documents' | 'no-source-system';

/**
 * A Patient as a resident, or why not. `id` is the resource's own. Fewer documents than the source has would let one person
 * become two, so more than an event holds is a reason, not a cut.
 */
export function residentDraft(
  resource: JsonObject,
  id: string,
  fallbackSource: string | undefined,
): ResidentDraft | ResidentReason {
  const names = namesOf(resource);
  const [name] = names;
  if (name === undefined) return 'no-name';
  const documents = documentsOf(resource);
  if (documents.length === 0) return 'no-document';
  if (documents.length > MAX_DOCUMENTS) return 'too-many-documents';
  const sourceSystem = sourceSystemOf(resource) ?? keepingSystem(resource) ?? fallbackSource;
  if (sourceSystem === undefined) return 'no-source-system';
  const birthDate = textAt(resource, 'birthDate');
  return {
    sourceSystem,
    sourceId: id,
    name,
    names,
    demographics: demographicsOf(resource),
    documents,
    ...present({
      sex: SEXES.find((sex) => sex === resource.gender),
      birthDate: birthDate !== undefined && isDay(birthDate) ? birthDate : undefined,
      deceased: deceasedOf(resource),
      phone: phoneOf(resource),
      address: addressOf(resource),
    }),
  };
}

/**
 * The system a resource says it comes from: `meta.source` without the fragment, which names one request. It depends on no
 * file and no order, so that the same resource in another bundle is the same record.
 */
export function sourceSystemOf(resource: JsonObject): string | undefined {
  return exactText(textAt(resource, 'meta.source')?.replace(/#.*$/s, ''), 256);
}

/** Who keeps this person's record: the system that gave the medical record number, else an identifier without a type. */
function keepingSystem(resource: JsonObject): string | undefined {
  const identifiers = objectsAt(resource, 'identifier');
  const isRecordNumber = (identifier: JsonObject) =>
    objectsAt(identifier, 'type.coding').some((coding) => coding.code === 'MR');
  return (
    firstSystem(identifiers.filter(isRecordNumber)) ??
    firstSystem(identifiers.filter((identifier) => identifier.type === undefined))
  );
}

/** First in text order, so that the order in the file says nothing. */
function firstSystem(identifiers: readonly JsonObject[]): string | undefined {
  return identifiers.flatMap((identifier) => exactText(textAt(identifier, 'system'), 256) ?? []).sort()[0];
}

function documentsOf(resource: JsonObject): readonly DocumentDraft[] {
  const byText = new Map<string, DocumentDraft>();
  for (const identifier of objectsAt(resource, 'identifier')) {
    const document = documentOf(identifier);
    if (document !== undefined) byText.set([document.type, document.issuer, document.number].join('\u0000'), document);
  }
  return [...byText.values()];
}

/** `{}` says: dead, not known since when. */
function deceasedOf(resource: JsonObject): ResidentDraft['deceased'] {
  if (resource.deceasedBoolean === true) return {};
  if (resource.deceasedDateTime === undefined) return undefined;
  return present({ at: parseFhirTime(resource.deceasedDateTime)?.at });
}

/** Elements of Patient that say who somebody is and are taken elsewhere, or say nothing of the person. */
const CONCEPT_ELEMENTS = ['maritalStatus', 'communication'] as const;

function demographicsOf(resource: JsonObject): { readonly [name: string]: string } {
  const found = new Map<string, string>();
  const put = (name: string | undefined, text: string | undefined): void => {
    const said = tidyText(text, 512);
    if (name !== undefined && name !== '' && said !== undefined && !found.has(name)) found.set(name, said);
  };
  for (const element of CONCEPT_ELEMENTS) {
    for (const value of objectsAt(resource, element)) put(element, conceptText(value.language ?? value));
  }
  if (typeof resource.multipleBirthBoolean === 'boolean') put('multipleBirth', String(resource.multipleBirthBoolean));
  if (typeof resource.multipleBirthInteger === 'number') put('multipleBirth', String(resource.multipleBirthInteger));
  for (const extension of objectsAt(resource, 'extension')) {
    put(tidyText(textAt(extension, 'url')?.split('/').at(-1), 64), extensionText(extension));
  }
  return Object.fromEntries(found);
}

/** The text of a simple extension, or the part named `text` of one in parts (US Core race, ethnicity). */
function extensionText(extension: JsonObject): string | undefined {
  for (const [key, value] of Object.entries(extension)) {
    if (!key.startsWith('value')) continue;
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    if (isObject(value)) return key === 'valueAddress' ? addressText(value) : conceptText(value);
  }
  return objectsAt(extension, 'extension')
    .filter((part) => part.url === 'text')
    .map((part) => textAt(part, 'valueString'))
    .find((text) => text !== undefined);
}
