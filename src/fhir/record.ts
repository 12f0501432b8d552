import type { Period } from '../domain/terms.ts';
import { FHIR_JSON, type PartyKey, type RecordDraft } from './draft.ts';
import { exactText, type JsonObject, objectsAt, present, textAt, valuesAt } from './element.ts';
import { type FhirTime, parseFhirTime } from './fhir-time.ts';
import { conceptDisplay, conceptText } from './human.ts';
import { type ResourceRow, resourceRow } from './resource-table.ts';
import { securityOf } from './security-label.ts';

/** What a record takes from the resources around it. */
export interface RecordContext {
  readonly sourceSystem: string;
  readonly id: string;
  readonly custodian: PartyKey;
  /** Of a reference to a person: undefined when unknown or not a practitioner. */
  readonly practitionerOf: (reference: unknown) => PartyKey | undefined;
  readonly encounter?: JsonObject;
  /** Resources whose times stand in when the record has none of its own, the nearest first. */
  readonly lenders: readonly { readonly type: string; readonly value: JsonObject }[];
}

/** A resource as an index entry with its content; `no-clinical-time` when neither it nor what it belongs to has one. */
export function recordDraft(
  type: string,
  resource: JsonObject,
  content: Uint8Array,
  context: RecordContext,
): RecordDraft | 'no-clinical-time' {
  const row = resourceRow(type, resource, context.encounter);
  if (row === undefined) throw new Error('a record of a type that the table does not have');
  const span = spanOf(resource, row) ?? borrowedSpan(context);
  if (span === undefined) return 'no-clinical-time';
  const concepts = row.concept.flatMap((path) => valuesAt(resource, path));
  const authors = row.author.flatMap((path) => valuesAt(resource, path));
  return {
    sourceSystem: context.sourceSystem,
    type,
    id: context.id,
    category: row.category,
    index: row.index,
    custodian: context.custodian,
    ...span,
    title: firstOf(concepts, conceptDisplay) ?? firstOf(concepts, conceptText) ?? type,
    ...securityOf(resource),
    content,
    mediaType: FHIR_JSON,
    ...present({ author: firstOf(authors, context.practitionerOf), code: firstOf(concepts, codeOf) }),
  };
}

function firstOf<T>(values: readonly unknown[], read: (value: unknown) => T | undefined): T | undefined {
  for (const value of values) {
    const found = read(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The first coding of a concept, or the Coding itself, that an event can hold. */
function codeOf(concept: unknown): { system: string; code: string } | undefined {
  for (const coding of [...objectsAt(concept, 'coding'), concept]) {
    const system = exactText(textAt(coding, 'system'), 256);
    const code = exactText(textAt(coding, 'code'), 128);
    if (system !== undefined && code !== undefined) return { system, code };
  }
  return undefined;
}

interface Span {
  readonly period: Period;
  readonly at: FhirTime['at'];
}

/** From the first to the last day that any of the clinical times can mean. */
function spanOf(resource: JsonObject, row: ResourceRow): Span | undefined {
  const clinical = timesAt(resource, row.times);
  const times = clinical.length > 0 ? clinical : timesAt(resource, row.recorded).slice(0, 1);
  const [first] = times;
  if (first === undefined) return undefined;
  let { from, to } = first;
  for (const time of times) {
    if (time.from < from) from = time.from;
    if (time.to > to) to = time.to;
  }
  return { period: { from, to }, at: first.at };
}

function timesAt(resource: JsonObject, paths: readonly string[]): readonly FhirTime[] {
  return paths.flatMap((path) => valuesAt(resource, path)).flatMap((value) => parseFhirTime(value) ?? []);
}

function borrowedSpan(context: RecordContext): Span | undefined {
  for (const lender of context.lenders) {
    const row = resourceRow(lender.type, lender.value, undefined);
    const span = row === undefined ? undefined : spanOf(lender.value, row);
    if (span !== undefined) return span;
  }
  return undefined;
}
