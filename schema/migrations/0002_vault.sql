-- The vault: wrapped keys, claims, record contents, snapshots. No column holds anything of a person in clear, nor any unkeyed hash of
-- it: subjects are random labels and ids, indexes are made under keys that are not here, all else is sealed. Without the keyring these
-- tables open nothing. Text is compared bytewise (collation "C").

CREATE SCHEMA vault;
GRANT USAGE ON SCHEMA vault TO hrl_app;

-- u32 epoch, nonce, key and tag: docs/spec/sealing.md. Null is a tombstone.
CREATE DOMAIN vault.wrapped AS bytea CHECK (octet_length(VALUE) = 64);

CREATE TABLE vault.stream_keys (
  stream    text COLLATE "C" NOT NULL,
  kind      text COLLATE "C" NOT NULL CHECK (kind IN ('personal', 'tag')),
  number    integer          NOT NULL CHECK (number >= 0),
  wrapped   vault.wrapped,
  created   timestamptz      NOT NULL DEFAULT clock_timestamp(),
  destroyed timestamptz,
  CONSTRAINT stream_keys_pkey PRIMARY KEY (stream, kind, number),
  CONSTRAINT stream_keys_tombstone_check CHECK ((wrapped IS NULL) = (destroyed IS NOT NULL))
);
COMMENT ON TABLE vault.stream_keys IS 'The personal and tag key of each stream, wrapped under the KEK of an epoch. Written before anything is sealed under them.';

CREATE TABLE vault.period_keys (
  retention text COLLATE "C" NOT NULL,
  year      integer          NOT NULL CHECK (year BETWEEN 0 AND 9999),
  number    integer          NOT NULL CHECK (number >= 0),
  wrapped   vault.wrapped,
  created   timestamptz      NOT NULL DEFAULT clock_timestamp(),
  destroyed timestamptz,
  CONSTRAINT period_keys_pkey PRIMARY KEY (retention, year, number),
  CONSTRAINT period_keys_tombstone_check CHECK ((wrapped IS NULL) = (destroyed IS NOT NULL))
);
COMMENT ON TABLE vault.period_keys IS 'K[class, year], wrapped under the retention key of an epoch. Its end is the end of every retained part of that class and year.';

-- A destroyed key stays destroyed: also when somebody puts an old row back by an update.
CREATE FUNCTION vault.refuse_resurrection() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a destroyed key is not brought back' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER stream_keys_stay_destroyed BEFORE UPDATE ON vault.stream_keys
  FOR EACH ROW WHEN (OLD.destroyed IS NOT NULL) EXECUTE FUNCTION vault.refuse_resurrection();
CREATE TRIGGER period_keys_stay_destroyed BEFORE UPDATE ON vault.period_keys
  FOR EACH ROW WHEN (OLD.destroyed IS NOT NULL) EXECUTE FUNCTION vault.refuse_resurrection();
ALTER TABLE vault.stream_keys ENABLE ALWAYS TRIGGER stream_keys_stay_destroyed;
ALTER TABLE vault.period_keys ENABLE ALWAYS TRIGGER period_keys_stay_destroyed;

CREATE TABLE vault.claims (
  kind        text COLLATE "C" NOT NULL CHECK (kind IN ('document', 'actor', 'code', 'institution', 'practitioner')),
  blind_index bytea            NOT NULL CHECK (octet_length(blind_index) = 32),
  key_version integer          NOT NULL CHECK (key_version >= 1),
  subject     text COLLATE "C" NOT NULL,
  CONSTRAINT claims_pkey PRIMARY KEY (kind, key_version, blind_index)
);
CREATE INDEX claims_subject_idx ON vault.claims (subject);
COMMENT ON TABLE vault.claims IS 'Who holds which document, sign-in, code or number: one subject a claim, whatever process registers it.';

CREATE TABLE vault.contents (
  id          text COLLATE "C" NOT NULL CONSTRAINT contents_pkey PRIMARY KEY CHECK (length(id) = 22),
  stream      text COLLATE "C" NOT NULL,
  event_id    uuid             NOT NULL,
  created     timestamptz      NOT NULL DEFAULT clock_timestamp(),
  settled     boolean          NOT NULL DEFAULT false,
  wrapped_key vault.wrapped    NOT NULL,
  sealed      bytea            NOT NULL
);
-- Sealed bytes do not compress: the server shall not try.
ALTER TABLE vault.contents ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE INDEX contents_stream_idx ON vault.contents (stream);
-- What a sweep has still to look at; a content leaves it for good once its event is known.
CREATE INDEX contents_unsettled_idx ON vault.contents (created, id) WHERE NOT settled;
COMMENT ON TABLE vault.contents IS 'Record contents, each under a key of its own that the stream''s personal key wraps. Written before the event that names it; docs/spec/content.md.';

CREATE TABLE vault.snapshots (
  stream   text COLLATE "C" NOT NULL,
  fold     text COLLATE "C" NOT NULL,
  digest   bytea            NOT NULL CHECK (octet_length(digest) = 32),
  revision bigint           NOT NULL CHECK (revision >= 0),
  sealed   bytea            NOT NULL,
  made     timestamptz      NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT snapshots_pkey PRIMARY KEY (stream, fold)
);
ALTER TABLE vault.snapshots ALTER COLUMN sealed SET STORAGE EXTERNAL;
COMMENT ON TABLE vault.snapshots IS 'Folded states, sealed. Derived: any row may be deleted at any time.';

-- Keys are never deleted: what was sealed under a key that is nowhere, not even as a tombstone, was not lawfully erased.
-- UPDATE re-wraps under a new epoch, or destroys.
GRANT SELECT, INSERT, UPDATE (wrapped, destroyed) ON vault.stream_keys, vault.period_keys TO hrl_app;
-- Claims and contents go with their subject; contents also by the sweep. A claim never changes its subject.
GRANT SELECT, INSERT, DELETE ON vault.claims TO hrl_app;
GRANT SELECT, INSERT, UPDATE (created, settled, wrapped_key), DELETE ON vault.contents TO hrl_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON vault.snapshots TO hrl_app;
