-- Beside a ledger on EventStoreDB, which knows no event by its id: where to look for one. A row stands before its event is sent for the
-- first time, so every event has one; it does not say that there is such an event.
CREATE TABLE requests (
  id     uuid   NOT NULL CONSTRAINT requests_pkey PRIMARY KEY,
  stream text   COLLATE "C" NOT NULL,
  after  bigint NOT NULL CHECK (after >= -1),
  owner  uuid   NOT NULL
);
COMMENT ON TABLE requests IS 'An event of that id stands in that stream behind that revision, or nowhere.';
COMMENT ON COLUMN requests.owner IS 'The attempt that holds the id. Whoever takes it over for the same stream writes its own here first.';

CREATE TABLE eventstore_ledger (
  single boolean NOT NULL DEFAULT true CONSTRAINT eventstore_ledger_pkey PRIMARY KEY CHECK (single),
  prefix text    COLLATE "C" NOT NULL,
  origin text    COLLATE "C" NOT NULL,
  suite  text    COLLATE "C" NOT NULL
);
COMMENT ON TABLE eventstore_ledger IS 'At most one row: whose vault, claims, requests and read tables these are, when the ledger is on EventStoreDB.';

GRANT SELECT, INSERT, UPDATE, DELETE ON requests TO hrl_app;
GRANT SELECT, INSERT ON eventstore_ledger TO hrl_app;
