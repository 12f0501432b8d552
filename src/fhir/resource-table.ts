import type { Category, RecordIndex } from '../domain/terms.ts';
import { type JsonObject, textsAt } from './element.ts';
import { textTable } from './text-table.ts';

/** What a row asks of a resource beside its type. `encounter` is the one that the resource belongs to, if the bundle has it. */
const CONDITIONS = {
  inpatient: {
    says: 'encounter class IMP, ACUTE or NONAC',
    holds: (_resource: JsonObject, encounter: JsonObject | undefined) =>
      textsAt(encounter, 'class.code').some((code) => ['IMP', 'ACUTE', 'NONAC'].includes(code)),
  },
  laboratory: {
    says: 'category laboratory, imaging, procedure, exam or therapy',
    holds: (resource: JsonObject) =>
      textsAt(resource, 'category[].coding[].code').some((code) =>
        ['laboratory', 'imaging', 'procedure', 'exam', 'therapy'].includes(code),
      ),
  },
} as const;

export interface ResourceRow {
  readonly type: string;
  readonly when?: keyof typeof CONDITIONS;
  readonly category: Category;
  readonly index: RecordIndex;
  readonly subject: string;
  /** Where its encounter stands; `.` is the resource itself; `CarePlan.goal` is the encounter of the plan that names it there. */
  readonly encounter: string;
  /** Clinical times: together they span the period, the first is the clinical instant. */
  readonly times: readonly string[];
  /** When it was written down: used when it has no clinical time. */
  readonly recorded: readonly string[];
  /** Who is responsible for it by its own words. */
  readonly author: readonly string[];
  /** Concepts: the first with a code gives the code, the first with a text the title. */
  readonly concept: readonly string[];
}

const row = (type: string, category: Category, index: RecordIndex, rest: Partial<ResourceRow>): ResourceRow => ({
  type,
  category,
  index,
  subject: 'subject',
  encounter: 'encounter',
  times: [],
  recorded: [],
  author: [],
  concept: ['code'],
  ...rest,
});

const VISIT = {
  encounter: '.',
  times: ['period.start', 'period.end'],
  author: ['participant[].individual'],
  concept: ['type[]', 'class'],
};
const CONDITION = {
  times: ['onsetDateTime', 'onsetPeriod.start', 'onsetPeriod.end', 'abatementDateTime', 'abatementPeriod.end'],
  recorded: ['recordedDate'],
  author: ['recorder', 'asserter'],
};
const PROCEDURE = {
  times: ['performedDateTime', 'performedPeriod.start', 'performedPeriod.end'],
  author: ['performer[].actor', 'recorder'],
};
const OBSERVATION = {
  times: ['effectiveDateTime', 'effectivePeriod.start', 'effectivePeriod.end', 'effectiveInstant'],
  recorded: ['issued'],
  author: ['performer[]'],
};
const BILL = {
  subject: 'patient',
  encounter: 'item[].encounter[]',
  times: ['billablePeriod.start', 'billablePeriod.end'],
  recorded: ['created'],
  concept: ['type', 'item[].productOrService'],
};

/**
 * Resource type → category and index (EHR 居民电子健康档案, EMR 电子病历). The first row that fits decides, so a row with a
 * condition stands before the one without. What care was given in a hospital stay is summed up at discharge (出院小结);
 * what a person carries through life (allergies, plans, vaccinations, vital signs) is health record.
 */
export const RESOURCE_TABLE: readonly ResourceRow[] = [
  row('Encounter', 'discharge-summary', 'EMR', { when: 'inpatient', ...VISIT }),
  row('Encounter', 'outpatient', 'EMR', VISIT),
  row('Condition', 'discharge-summary', 'EMR', { when: 'inpatient', ...CONDITION }),
  row('Condition', 'outpatient', 'EMR', CONDITION),
  row('Procedure', 'discharge-summary', 'EMR', { when: 'inpatient', ...PROCEDURE }),
  row('Procedure', 'outpatient', 'EMR', PROCEDURE),
  row('Observation', 'diagnostic-report', 'EMR', { when: 'laboratory', ...OBSERVATION }),
  row('Observation', 'wellness', 'EHR', OBSERVATION),
  row('DiagnosticReport', 'diagnostic-report', 'EMR', {
    ...OBSERVATION,
    author: ['performer[]', 'resultsInterpreter[]'],
  }),
  row('ImagingStudy', 'imaging', 'EMR', {
    times: ['started'],
    author: ['interpreter[]', 'referrer'],
    concept: ['procedureCode[]', 'description', 'series[].modality'],
  }),
  row('Immunization', 'immunisation', 'EHR', {
    subject: 'patient',
    times: ['occurrenceDateTime'],
    recorded: ['recorded'],
    author: ['performer[].actor'],
    concept: ['vaccineCode'],
  }),
  row('MedicationRequest', 'prescription', 'EMR', {
    times: ['authoredOn'],
    author: ['requester', 'recorder'],
    concept: ['medicationCodeableConcept'],
  }),
  row('AllergyIntolerance', 'health-document', 'EHR', {
    subject: 'patient',
    times: ['onsetDateTime', 'onsetPeriod.start', 'onsetPeriod.end', 'lastOccurrence'],
    recorded: ['recordedDate'],
    author: ['recorder', 'asserter'],
  }),
  row('CarePlan', 'health-document', 'EHR', {
    times: ['period.start', 'period.end'],
    recorded: ['created'],
    author: ['author', 'contributor[]'],
    concept: ['title', 'category[]'],
  }),
  row('Goal', 'health-document', 'EHR', {
    encounter: 'CarePlan.goal',
    times: ['startDate', 'statusDate'],
    author: ['expressedBy'],
    concept: ['description'],
  }),
  row('Claim', 'invoice', 'EMR', { ...BILL, author: ['enterer', 'provider'] }),
  row('ExplanationOfBenefit', 'invoice', 'EMR', { ...BILL, author: ['enterer', 'provider', 'careTeam[].provider'] }),
];

/** Types that are not records: they become residents, institutions and practitioners. */
export const PARTY_TYPES = { Patient: 'resident', Organization: 'institution', Practitioner: 'practitioner' } as const;

const RECORD_TYPES: ReadonlySet<string> = new Set(RESOURCE_TABLE.map(({ type }) => type));

/** True when the table has a row for the type; its last row has no condition, so one always fits. */
export function isRecordType(type: string): boolean {
  return RECORD_TYPES.has(type);
}

/** Where subject and encounter stand is the same for all rows of a type. Throws for a type that the table does not have. */
export function recordPaths(type: string): Pick<ResourceRow, 'subject' | 'encounter'> {
  const found = RESOURCE_TABLE.find((candidate) => candidate.type === type);
  if (found === undefined) throw new Error('a record of a type that the table does not have');
  return found;
}

export function resourceRow(
  type: string,
  resource: JsonObject,
  encounter: JsonObject | undefined,
): ResourceRow | undefined {
  return RESOURCE_TABLE.find(
    (candidate) =>
      candidate.type === type &&
      (candidate.when === undefined || CONDITIONS[candidate.when].holds(resource, encounter)),
  );
}

/** The table for people: in the docs and by `npm run import -- --table`. */
export function resourceTableText(): string {
  const parties = Object.entries(PARTY_TYPES).map(([type, becomes]) => [type, '', `(${becomes})`, '', '', '']);
  const records = RESOURCE_TABLE.map((line) => [
    line.type,
    line.when === undefined ? '' : CONDITIONS[line.when].says,
    line.category,
    line.index,
    line.encounter === '.' ? 'itself' : line.encounter,
    [...line.times, ...line.recorded.map((path) => `else ${path}`)].join(', '),
  ]);
  return textTable(['resource', 'when', 'category', 'index', 'encounter', 'days'], [...parties, ...records]);
}
