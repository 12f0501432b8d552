-- A decision turns on everything in a stream but its accesses, of which a resident's stream has many. This index holds the rest, so that
-- what stands behind a revision is found as fast after ten accesses as after ten thousand, and an access adds nothing to it.
CREATE INDEX events_beside_accesses_idx ON events (stream, revision) WHERE type NOT LIKE 'access.%';
