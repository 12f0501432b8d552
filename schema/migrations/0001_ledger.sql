-- The ledger: every event in one order, the head of each stream, and the head of all.
-- Text is COLLATE "C": bytewise, the same on every machine, and the fastest to index. Instants are text of one length, as in the
-- header, so text order is time order and what is read is what was hashed.

CREATE TABLE events (
  position       bigint         NOT NULL CONSTRAINT events_pkey PRIMARY KEY CHECK (position >= 0),
  stream         text           COLLATE "C" NOT NULL,
  revision       bigint         NOT NULL CHECK (revision >= 0),
  id             uuid           NOT NULL,
  type           text           COLLATE "C" NOT NULL,
  time           text           COLLATE "C" NOT NULL,
  header         bytea          NOT NULL,
  header_opening bytea          NOT NULL,
  leaf           bytea          NOT NULL,
  leaf_hash      bytea          NOT NULL,
  head           bytea          NOT NULL,
  retained_key   text           COLLATE "C" NOT NULL,
  retained       bytea          NOT NULL,
  personal_key   text           COLLATE "C" NOT NULL,
  personal       bytea          NOT NULL,
  CONSTRAINT events_stream_revision_key UNIQUE (stream, revision),
  CONSTRAINT events_id_key UNIQUE (id)
);
-- Sealed bytes do not compress: the server shall not try.
ALTER TABLE events ALTER COLUMN retained SET STORAGE EXTERNAL, ALTER COLUMN personal SET STORAGE EXTERNAL;

COMMENT ON TABLE events IS 'Append-only. Positions are gapless from 0 and assigned under the lock on ledger_head, so they commit in order.';
COMMENT ON COLUMN events.header IS 'The header compartment, RFC 8785 bytes; docs/spec/leaf.md';
COMMENT ON COLUMN events.head IS 'The chain head of the stream after this event; docs/spec/chain.md';
COMMENT ON COLUMN events.retained IS 'nonce, ciphertext, tag; docs/spec/sealing.md';

-- Room is left on each page, so that a head is rewritten in place and no index entry is added (HOT).
CREATE TABLE stream_heads (
  stream   text   COLLATE "C" NOT NULL CONSTRAINT stream_heads_pkey PRIMARY KEY,
  revision bigint NOT NULL CHECK (revision >= 0),
  head     bytea  NOT NULL,
  position bigint NOT NULL CHECK (position >= 0)
) WITH (fillfactor = 70);
COMMENT ON TABLE stream_heads IS 'Revision, chain head and position of the last event of each stream.';

CREATE TABLE ledger_head (
  single   boolean        NOT NULL DEFAULT true CONSTRAINT ledger_head_pkey PRIMARY KEY CHECK (single),
  position bigint         NOT NULL CHECK (position >= -1),
  time     text           COLLATE "C" NOT NULL,
  origin   text           COLLATE "C",
  suite    text           COLLATE "C",
  CHECK ((origin IS NULL) = (suite IS NULL))
) WITH (fillfactor = 50);
COMMENT ON TABLE ledger_head IS 'One row. Whoever appends locks it first; position -1 is an empty ledger; origin and suite are set at the first open.';
INSERT INTO ledger_head (position, time) VALUES (-1, '1970-01-01T00:00:00.000Z');

-- What follows binds the owner too. A superuser can switch it off; the hashes are there for that.
CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% on % is refused: the ledger is append-only', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER events_rows_stay BEFORE UPDATE OR DELETE ON events
  FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER events_table_stays BEFORE TRUNCATE ON events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER stream_heads_rows_stay BEFORE DELETE ON stream_heads
  FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER stream_heads_table_stays BEFORE TRUNCATE ON stream_heads
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER ledger_head_row_stays BEFORE DELETE ON ledger_head
  FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER ledger_head_table_stays BEFORE TRUNCATE ON ledger_head
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER ledger_head_goes_forward BEFORE UPDATE ON ledger_head
  FOR EACH ROW WHEN (
    NEW.position < OLD.position OR NEW.time < OLD.time
    OR (OLD.origin IS NOT NULL AND (NEW.origin, NEW.suite) IS DISTINCT FROM (OLD.origin, OLD.suite))
  ) EXECUTE FUNCTION refuse_ledger_change();

-- ALWAYS: also in a session that plays a replica.
ALTER TABLE events ENABLE ALWAYS TRIGGER events_rows_stay;
ALTER TABLE events ENABLE ALWAYS TRIGGER events_table_stays;
ALTER TABLE stream_heads ENABLE ALWAYS TRIGGER stream_heads_rows_stay;
ALTER TABLE stream_heads ENABLE ALWAYS TRIGGER stream_heads_table_stays;
ALTER TABLE ledger_head ENABLE ALWAYS TRIGGER ledger_head_row_stays;
ALTER TABLE ledger_head ENABLE ALWAYS TRIGGER ledger_head_table_stays;
ALTER TABLE ledger_head ENABLE ALWAYS TRIGGER ledger_head_goes_forward;

GRANT SELECT, INSERT ON events TO hrl_app;
GRANT SELECT, INSERT, UPDATE ON stream_heads TO hrl_app;
GRANT SELECT, UPDATE ON ledger_head TO hrl_app;
