-- The engine in which this database's ledger lives, and where it lived before. Only the owner moves it (npm run copy-ledger), and takes from
-- the application the right to append where it does not live: `events` is appended to by the Postgres engine alone, and before anything is
-- sent to an EventStoreDB server its ids stand in `requests`.
CREATE TABLE ledger_home (
  single    boolean     NOT NULL DEFAULT true CONSTRAINT ledger_home_pkey PRIMARY KEY CHECK (single),
  engine    text        COLLATE "C" NOT NULL CHECK (engine IN ('postgres', 'eventstore')),
  moving_to text        COLLATE "C" CHECK (moving_to IN ('postgres', 'eventstore') AND moving_to <> engine),
  since     timestamptz,
  CHECK ((moving_to IS NULL) = (since IS NULL))
);
COMMENT ON TABLE ledger_home IS 'At most one row, written at the first start. While it moves, nobody appends anywhere.';
COMMENT ON COLUMN ledger_home.since IS 'From then on no append was begun.';

CREATE TABLE ledger_moves (
  number      integer     NOT NULL CONSTRAINT ledger_moves_pkey PRIMARY KEY CHECK (number >= 1),
  from_engine text        COLLATE "C" NOT NULL CHECK (from_engine IN ('postgres', 'eventstore')),
  to_engine   text        COLLATE "C" NOT NULL CHECK (to_engine IN ('postgres', 'eventstore') AND to_engine <> from_engine),
  size        bigint      NOT NULL CHECK (size >= 0),
  root        bytea       NOT NULL CHECK (octet_length(root) = 32),
  from_end    text        COLLATE "C",
  to_end      text        COLLATE "C",
  moved       timestamptz NOT NULL DEFAULT clock_timestamp(),
  CHECK ((from_end IS NULL) = (size = 0)),
  CHECK ((to_end IS NULL) = (size = 0))
);
COMMENT ON TABLE ledger_moves IS 'Every move that was finished: how many events, their RFC 6962 root, and where the last of them stands in either engine.';

-- A ledger that was opened before this migration.
INSERT INTO ledger_home (engine)
SELECT CASE WHEN position >= 0 OR NOT EXISTS (SELECT FROM eventstore_ledger) THEN 'postgres' ELSE 'eventstore' END
FROM ledger_head WHERE origin IS NOT NULL OR EXISTS (SELECT FROM eventstore_ledger);

CREATE TRIGGER ledger_moves_stay BEFORE UPDATE OR DELETE ON ledger_moves
  FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER ledger_moves_table_stays BEFORE TRUNCATE ON ledger_moves
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
ALTER TABLE ledger_moves ENABLE ALWAYS TRIGGER ledger_moves_stay;
ALTER TABLE ledger_moves ENABLE ALWAYS TRIGGER ledger_moves_table_stays;

-- Whoever starts first says where; nobody but the owner says otherwise.
GRANT SELECT, INSERT (engine) ON ledger_home TO hrl_app;
GRANT SELECT ON ledger_moves TO hrl_app;
