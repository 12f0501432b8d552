import { bigint, customType, index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import type { Bytes } from '../../src/kernel/bytes.ts';
import type { EventId, Id16, Label, Mark, StreamName } from '../../src/kernel/id.ts';
import type { Day, Instant } from '../../src/kernel/instant.ts';

/**
 * The read tables. In clear stands only what a WHERE or an ORDER needs: labels, ids, categories, periods, marks, instants, states.
 * Whatever else is shown lies in a row as the sealed part of the event that said it, for the gate to open; nothing personal is in
 * clear. `schema/migrations/0003_reads.sql` creates them; a test compares it with this file. Instants and days are text of one
 * length: text order is time order, and year 0000 is no fault. Ids compare bytewise (collation "C" in the migration).
 */

const bytea = customType<{ data: Bytes; driverData: Uint8Array }>({ dataType: () => 'bytea' });
const revision = (name: string) => bigint(name, { mode: 'bigint' });

/** Which event a sealed part is of. The stream is the subject's own, so it is not stored again. */
const lastEvent = () => ({
  /** Of the subject's stream. */
  revision: revision('revision').notNull(),
  eventId: uuid('event_id').$type<EventId>().notNull(),
  eventType: text('event_type').notNull(),
});

/** The personal part of that event, sealed; all three are null once it is erased. */
const personalCopy = () => ({
  personalCommitment: bytea('personal_commitment'),
  personalKey: text('personal_key'),
  personal: bytea('personal'),
});

/** The retained part of that event, sealed; whether its key still opens it, only the vault knows. */
const retainedCopy = () => ({
  retainedCommitment: bytea('retained_commitment').notNull(),
  retainedKey: text('retained_key').notNull(),
  retained: bytea('retained').notNull(),
});

/** The event that gave the contacts in force, whose personal part they are; all null when there are none. */
const contactsCopy = () => ({
  contactsEventId: uuid('contacts_event_id').$type<EventId>(),
  contactsEventType: text('contacts_event_type'),
  ...personalCopy(),
});

/** Residents (居民主索引). The sealed part is that of `identity.registered`. */
export const residents = pgTable(
  'residents',
  {
    label: text('label').$type<Label>().primaryKey(),
    region: text('region').notNull(),
    state: text('state').$type<'living' | 'deceased'>().notNull(),
    registeredAt: text('registered_at').$type<Instant>().notNull(),
    /** When the death was recorded; the day itself is personal. */
    deceasedAt: text('deceased_at').$type<Instant>(),
    ...lastEvent(),
    ...personalCopy(),
  },
  (t) => [index('residents_region_label_idx').on(t.region, t.label)],
);

/** What was said of a resident's documents after registration, one row an event. */
export const residentDocuments = pgTable(
  'resident_documents',
  {
    eventId: uuid('event_id').$type<EventId>().primaryKey(),
    label: text('label').$type<Label>().notNull(),
    revision: revision('revision').notNull(),
    eventType: text('event_type').notNull(),
    linkedAt: text('linked_at').$type<Instant>().notNull(),
    ...personalCopy(),
  },
  (t) => [index('resident_documents_label_revision_idx').on(t.label, t.revision)],
);

/** Health codes (电子健康码). The sealed part is that of `code.issued`, which holds the code's text. */
export const codes = pgTable(
  'codes',
  {
    codeRef: text('code_ref').$type<Mark>().primaryKey(),
    label: text('label').$type<Label>().notNull(),
    state: text('state').$type<'active' | 'suspended' | 'closed'>().notNull(),
    issuedAt: text('issued_at').$type<Instant>().notNull(),
    changedAt: text('changed_at').$type<Instant>().notNull(),
    ...lastEvent(),
    ...personalCopy(),
  },
  (t) => [index('codes_label_issued_at_idx').on(t.label, t.issuedAt)],
);

/** One shape for both indexes; each is a table of its own, so that an event of one never touches a row of the other. */
const recordColumns = () => ({
  recordId: text('record_id').$type<Id16>().primaryKey(),
  label: text('label').$type<Label>().notNull(),
  category: text('category').notNull(),
  custodian: text('custodian').$type<Id16>().notNull(),
  /** Revision of the custodian's stream when the record was taken, if the decision saw it: names it as it was then. */
  custodianRevision: revision('custodian_revision'),
  author: text('author').$type<Id16>(),
  authorRevision: revision('author_revision'),
  periodFrom: text('period_from').$type<Day>().notNull(),
  periodTo: text('period_to').$type<Day>().notNull(),
  marks: text('marks').array().$type<Mark[]>().notNull(),
  source: text('source').$type<Mark>().notNull(),
  sourceVersion: text('source_version').$type<Mark>().notNull(),
  registeredAt: text('registered_at').$type<Instant>().notNull(),
  changedAt: text('changed_at').$type<Instant>().notNull(),
  ...lastEvent(),
  ...personalCopy(),
});

/** EHR: the lifelong health record (居民电子健康档案). */
export const ehrIndex = pgTable('ehr_index', recordColumns(), (t) => [
  index('ehr_index_label_period_to_record_id_idx').on(t.label, t.periodTo, t.recordId),
]);

/** EMR: the clinical record (电子病历). */
export const emrIndex = pgTable('emr_index', recordColumns(), (t) => [
  index('emr_index_label_period_to_record_id_idx').on(t.label, t.periodTo, t.recordId),
]);

/**
 * Consents and requests for them. Live, pending and expired are computed when read, from an instant. Which sensitive records a grant
 * includes, and its evidence, stand in the sealed part only: a sensitivity beside a label would say what marks hide.
 */
export const consents = pgTable(
  'consents',
  {
    consentId: text('consent_id').$type<Id16>().primaryKey(),
    label: text('label').$type<Label>().notNull(),
    state: text('state').$type<'requested' | 'granted' | 'denied' | 'revoked'>().notNull(),
    granteeKind: text('grantee_kind').$type<'institution' | 'practitioner'>().notNull(),
    granteeInstitution: text('grantee_institution').$type<Id16>().notNull(),
    granteePractitioner: text('grantee_practitioner').$type<Id16>(),
    purposes: text('purposes').array().notNull(),
    categories: text('categories').array().notNull(),
    periodFrom: text('period_from').$type<Day>().notNull(),
    periodTo: text('period_to').$type<Day>().notNull(),
    validFrom: text('valid_from').$type<Instant>().notNull(),
    /** Not included. */
    validUntil: text('valid_until').$type<Instant>().notNull(),
    /** When the request was made, or the grant if nobody had asked: what lists are ordered by. */
    openedAt: text('opened_at').$type<Instant>().notNull(),
    requestedAt: text('requested_at').$type<Instant>(),
    requestedBy: text('requested_by'),
    answerBy: text('answer_by').$type<Instant>(),
    grantedAt: text('granted_at').$type<Instant>(),
    endedAt: text('ended_at').$type<Instant>(),
    endReason: text('end_reason').$type<'resident' | 'code-closed'>(),
    revision: revision('revision').notNull(),
    /** The event whose terms hold: the grant, before it the request. */
    termsEventId: uuid('terms_event_id').$type<EventId>().notNull(),
    termsEventType: text('terms_event_type').notNull(),
    ...retainedCopy(),
    /** The request, whose personal part holds its message. */
    requestEventId: uuid('request_event_id').$type<EventId>(),
    requestEventType: text('request_event_type'),
    ...personalCopy(),
  },
  (t) => [
    index('consents_label_opened_at_consent_id_idx').on(t.label, t.openedAt, t.consentId),
    index('consents_grantee_institution_opened_at_consent_id_idx').on(t.granteeInstitution, t.openedAt, t.consentId),
  ],
);

/**
 * Who read what and why, one row an access event. `ordinal` counts the ledger's events before it, so it orders what has one time.
 * The revisions of the practitioner's and the organisation's streams are those that the decision saw: names as they were.
 */
export const accessTrail = pgTable(
  'access_trail',
  {
    eventId: uuid('event_id').$type<EventId>().primaryKey(),
    ordinal: revision('ordinal').notNull(),
    stream: text('stream').$type<StreamName>().notNull(),
    revision: revision('revision').notNull(),
    eventType: text('event_type').notNull(),
    time: text('time').$type<Instant>().notNull(),
    kind: text('kind').$type<'permitted' | 'denied' | 'missed' | 'log-read' | 'withheld'>().notNull(),
    /** The resident whose stream it stands in, if it is one. */
    label: text('label').$type<Label>(),
    actorKind: text('actor_kind').$type<'resident' | 'practitioner' | 'issuer' | 'regulator' | 'system'>(),
    actorId: text('actor_id'),
    organisation: text('organisation').$type<Id16>(),
    onBehalfOf: text('on_behalf_of').$type<Id16>(),
    purpose: text('purpose'),
    trace: text('trace'),
    practitionerRevision: revision('practitioner_revision'),
    institutionRevision: revision('institution_revision'),
    ...retainedCopy(),
  },
  (t) => [
    index('access_trail_time_ordinal_idx').on(t.time, t.ordinal),
    index('access_trail_label_time_ordinal_idx').on(t.label, t.time, t.ordinal),
    index('access_trail_actor_id_time_ordinal_idx').on(t.actorId, t.time, t.ordinal),
    index('access_trail_organisation_time_ordinal_idx').on(t.organisation, t.time, t.ordinal),
    index('access_trail_purpose_time_ordinal_idx').on(t.purpose, t.time, t.ordinal),
    index('access_trail_trace_time_ordinal_idx').on(t.trace, t.time, t.ordinal),
  ],
);

/** Institutions (医疗卫生机构): the profile in force, in the sealed parts of the event that said it. */
export const institutions = pgTable(
  'institutions',
  {
    id: text('id').$type<Id16>().primaryKey(),
    region: text('region'),
    state: text('state').$type<'active' | 'ended'>().notNull(),
    registeredAt: text('registered_at').$type<Instant>().notNull(),
    changedAt: text('changed_at').$type<Instant>().notNull(),
    endedAt: text('ended_at').$type<Instant>(),
    ...lastEvent(),
    ...retainedCopy(),
    ...contactsCopy(),
  },
  (t) => [index('institutions_region_id_idx').on(t.region, t.id)],
);

/** Practitioners (医疗卫生人员), likewise. */
export const practitioners = pgTable(
  'practitioners',
  {
    id: text('id').$type<Id16>().primaryKey(),
    affiliations: text('affiliations').array().$type<Id16[]>().notNull(),
    state: text('state').$type<'active' | 'ended'>().notNull(),
    registeredAt: text('registered_at').$type<Instant>().notNull(),
    changedAt: text('changed_at').$type<Instant>().notNull(),
    endedAt: text('ended_at').$type<Instant>(),
    ...lastEvent(),
    ...retainedCopy(),
    ...contactsCopy(),
  },
  (t) => [index('practitioners_affiliations_idx').using('gin', t.affiliations)],
);

/** Every profile that there was, from `revision` on: the name at a revision is that of the last version at or below it. */
const versionColumns = () => ({
  /** `<id>#<revision>`. */
  version: text('version').primaryKey(),
  id: text('id').$type<Id16>().notNull(),
  revision: revision('revision').notNull(),
  since: text('since').$type<Instant>().notNull(),
  eventId: uuid('event_id').$type<EventId>().notNull(),
  eventType: text('event_type').notNull(),
  ...retainedCopy(),
});

export const institutionVersions = pgTable('institution_versions', versionColumns(), (t) => [
  uniqueIndex('institution_versions_id_revision_idx').on(t.id, t.revision),
]);

export const practitionerVersions = pgTable('practitioner_versions', versionColumns(), (t) => [
  uniqueIndex('practitioner_versions_id_revision_idx').on(t.id, t.revision),
]);
