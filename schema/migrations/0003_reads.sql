-- The read tables (schema/tables/reads.ts says what each holds and why) and how far they have come (schema/tables/projector.ts).
-- All of them are derived: `npm run rebuild` makes them anew from the ledger. Text is compared bytewise (collation "C"), so that
-- order and paging are the same on every server. Index names follow Postgres's own rule, <table>_<columns>_idx.

CREATE TABLE projectors (
  name text COLLATE "C" PRIMARY KEY,
  position text COLLATE "C",
  applied bigint NOT NULL,
  owner text COLLATE "C",
  epoch bigint NOT NULL,
  lease_ends timestamptz NOT NULL
);
INSERT INTO projectors (name, applied, epoch, lease_ends) VALUES ('reads', 0, 0, '-infinity');

CREATE TABLE projections (
  name text COLLATE "C" PRIMARY KEY,
  version integer NOT NULL
);

CREATE TABLE residents (
  label text COLLATE "C" PRIMARY KEY,
  region text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  registered_at text COLLATE "C" NOT NULL,
  deceased_at text COLLATE "C",
  revision bigint NOT NULL,
  event_id uuid NOT NULL,
  event_type text COLLATE "C" NOT NULL,
  personal_commitment bytea,
  personal_key text COLLATE "C",
  personal bytea
);
CREATE INDEX residents_region_label_idx ON residents (region, label);
-- Sealed bytes do not compress: the server shall not try, here and below.
ALTER TABLE residents ALTER COLUMN personal SET STORAGE EXTERNAL;

CREATE TABLE resident_documents (
  event_id uuid PRIMARY KEY,
  label text COLLATE "C" NOT NULL,
  revision bigint NOT NULL,
  event_type text COLLATE "C" NOT NULL,
  linked_at text COLLATE "C" NOT NULL,
  personal_commitment bytea,
  personal_key text COLLATE "C",
  personal bytea
);
CREATE INDEX resident_documents_label_revision_idx ON resident_documents (label, revision);
ALTER TABLE resident_documents ALTER COLUMN personal SET STORAGE EXTERNAL;

CREATE TABLE codes (
  code_ref text COLLATE "C" PRIMARY KEY,
  label text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  issued_at text COLLATE "C" NOT NULL,
  changed_at text COLLATE "C" NOT NULL,
  revision bigint NOT NULL,
  event_id uuid NOT NULL,
  event_type text COLLATE "C" NOT NULL,
  personal_commitment bytea,
  personal_key text COLLATE "C",
  personal bytea
);
CREATE INDEX codes_label_issued_at_idx ON codes (label, issued_at);
ALTER TABLE codes ALTER COLUMN personal SET STORAGE EXTERNAL;

CREATE TABLE ehr_index (
  record_id text COLLATE "C" PRIMARY KEY,
  label text COLLATE "C" NOT NULL,
  category text COLLATE "C" NOT NULL,
  custodian text COLLATE "C" NOT NULL,
  custodian_revision bigint,
  author text COLLATE "C",
  author_revision bigint,
  period_from text COLLATE "C" NOT NULL,
  period_to text COLLATE "C" NOT NULL,
  marks text[] COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  source_version text COLLATE "C" NOT NULL,
  registered_at text COLLATE "C" NOT NULL,
  changed_at text COLLATE "C" NOT NULL,
  revision bigint NOT NULL,
  event_id uuid NOT NULL,
  event_type text COLLATE "C" NOT NULL,
  personal_commitment bytea,
  personal_key text COLLATE "C",
  personal bytea
);
CREATE INDEX ehr_index_label_period_to_record_id_idx ON ehr_index (label, period_to, record_id);
ALTER TABLE ehr_index ALTER COLUMN personal SET STORAGE EXTERNAL;

CREATE TABLE emr_index (LIKE ehr_index INCLUDING STORAGE);
ALTER TABLE emr_index ADD PRIMARY KEY (record_id);
CREATE INDEX emr_index_label_period_to_record_id_idx ON emr_index (label, period_to, record_id);

CREATE TABLE consents (
  consent_id text COLLATE "C" PRIMARY KEY,
  label text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  grantee_kind text COLLATE "C" NOT NULL,
  grantee_institution text COLLATE "C" NOT NULL,
  grantee_practitioner text COLLATE "C",
  purposes text[] COLLATE "C" NOT NULL,
  categories text[] COLLATE "C" NOT NULL,
  period_from text COLLATE "C" NOT NULL,
  period_to text COLLATE "C" NOT NULL,
  valid_from text COLLATE "C" NOT NULL,
  valid_until text COLLATE "C" NOT NULL,
  opened_at text COLLATE "C" NOT NULL,
  requested_at text COLLATE "C",
  requested_by text COLLATE "C",
  answer_by text COLLATE "C",
  granted_at text COLLATE "C",
  ended_at text COLLATE "C",
  end_reason text COLLATE "C",
  revision bigint NOT NULL,
  terms_event_id uuid NOT NULL,
  terms_event_type text COLLATE "C" NOT NULL,
  retained_commitment bytea NOT NULL,
  retained_key text COLLATE "C" NOT NULL,
  retained bytea NOT NULL,
  request_event_id uuid,
  request_event_type text COLLATE "C",
  personal_commitment bytea,
  personal_key text COLLATE "C",
  personal bytea
);
CREATE INDEX consents_label_opened_at_consent_id_idx ON consents (label, opened_at, consent_id);
CREATE INDEX consents_grantee_institution_opened_at_consent_id_idx
  ON consents (grantee_institution, opened_at, consent_id);
ALTER TABLE consents ALTER COLUMN retained SET STORAGE EXTERNAL, ALTER COLUMN personal SET STORAGE EXTERNAL;

CREATE TABLE access_trail (
  event_id uuid PRIMARY KEY,
  ordinal bigint NOT NULL,
  stream text COLLATE "C" NOT NULL,
  revision bigint NOT NULL,
  event_type text COLLATE "C" NOT NULL,
  time text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  label text COLLATE "C",
  actor_kind text COLLATE "C",
  actor_id text COLLATE "C",
  organisation text COLLATE "C",
  on_behalf_of text COLLATE "C",
  purpose text COLLATE "C",
  trace text COLLATE "C",
  practitioner_revision bigint,
  institution_revision bigint,
  retained_commitment bytea NOT NULL,
  retained_key text COLLATE "C" NOT NULL,
  retained bytea NOT NULL
);
CREATE INDEX access_trail_time_ordinal_idx ON access_trail (time, ordinal);
CREATE INDEX access_trail_label_time_ordinal_idx ON access_trail (label, time, ordinal);
CREATE INDEX access_trail_actor_id_time_ordinal_idx ON access_trail (actor_id, time, ordinal);
CREATE INDEX access_trail_organisation_time_ordinal_idx ON access_trail (organisation, time, ordinal);
CREATE INDEX access_trail_purpose_time_ordinal_idx ON access_trail (purpose, time, ordinal);
CREATE INDEX access_trail_trace_time_ordinal_idx ON access_trail (trace, time, ordinal);
ALTER TABLE access_trail ALTER COLUMN retained SET STORAGE EXTERNAL;

CREATE TABLE institutions (
  id text COLLATE "C" PRIMARY KEY,
  region text COLLATE "C",
  state text COLLATE "C" NOT NULL,
  registered_at text COLLATE "C" NOT NULL,
  changed_at text COLLATE "C" NOT NULL,
  ended_at text COLLATE "C",
  revision bigint NOT NULL,
  event_id uuid NOT NULL,
  event_type text COLLATE "C" NOT NULL,
  retained_commitment bytea NOT NULL,
  retained_key text COLLATE "C" NOT NULL,
  retained bytea NOT NULL,
  contacts_event_id uuid,
  contacts_event_type text COLLATE "C",
  personal_commitment bytea,
  personal_key text COLLATE "C",
  personal bytea
);
CREATE INDEX institutions_region_id_idx ON institutions (region, id);
ALTER TABLE institutions ALTER COLUMN retained SET STORAGE EXTERNAL, ALTER COLUMN personal SET STORAGE EXTERNAL;

CREATE TABLE practitioners (
  id text COLLATE "C" PRIMARY KEY,
  affiliations text[] COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  registered_at text COLLATE "C" NOT NULL,
  changed_at text COLLATE "C" NOT NULL,
  ended_at text COLLATE "C",
  revision bigint NOT NULL,
  event_id uuid NOT NULL,
  event_type text COLLATE "C" NOT NULL,
  retained_commitment bytea NOT NULL,
  retained_key text COLLATE "C" NOT NULL,
  retained bytea NOT NULL,
  contacts_event_id uuid,
  contacts_event_type text COLLATE "C",
  personal_commitment bytea,
  personal_key text COLLATE "C",
  personal bytea
);
CREATE INDEX practitioners_affiliations_idx ON practitioners USING gin (affiliations);
ALTER TABLE practitioners ALTER COLUMN retained SET STORAGE EXTERNAL, ALTER COLUMN personal SET STORAGE EXTERNAL;

CREATE TABLE institution_versions (
  version text COLLATE "C" PRIMARY KEY,
  id text COLLATE "C" NOT NULL,
  revision bigint NOT NULL,
  since text COLLATE "C" NOT NULL,
  event_id uuid NOT NULL,
  event_type text COLLATE "C" NOT NULL,
  retained_commitment bytea NOT NULL,
  retained_key text COLLATE "C" NOT NULL,
  retained bytea NOT NULL
);
CREATE UNIQUE INDEX institution_versions_id_revision_idx ON institution_versions (id, revision);
ALTER TABLE institution_versions ALTER COLUMN retained SET STORAGE EXTERNAL;

CREATE TABLE practitioner_versions (LIKE institution_versions INCLUDING STORAGE);
ALTER TABLE practitioner_versions ADD PRIMARY KEY (version);
CREATE UNIQUE INDEX practitioner_versions_id_revision_idx ON practitioner_versions (id, revision);

-- The application writes them, but may not empty them in one stroke, nor change their shape.
GRANT SELECT, UPDATE ON projectors TO hrl_app;
GRANT SELECT, INSERT, UPDATE ON projections TO hrl_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON
  residents, resident_documents, codes, ehr_index, emr_index, consents, access_trail,
  institutions, institution_versions, practitioners, practitioner_versions
  TO hrl_app;
