-- What providers delivered, byte for byte, and the work it calls for.

CREATE TABLE inbox (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, -- grows with time, never given twice
  account TEXT NOT NULL, -- name of the [voice.NAME] table whose secret verified it
  body BLOB NOT NULL, -- the raw bytes that were signed
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32), -- digest of body, taken when it was verified
  received_at INTEGER NOT NULL -- ms since 1970 UTC
) STRICT;

-- Recognises a repeated delivery. Small, bounded in time, keyed by an integer: an index over the
-- whole inbox would make every write slower as the archive grows.
CREATE TABLE seen (
  fingerprint INTEGER NOT NULL PRIMARY KEY, -- 64 bits of SHA-256 over account and body digest
  inbox_id INTEGER NOT NULL, -- the delivery that was kept
  received_at INTEGER NOT NULL -- ms since 1970 UTC
) STRICT;

-- Deliveries that were verified but could not be read. They stay in the inbox.
CREATE TABLE poison (
  inbox_id INTEGER NOT NULL PRIMARY KEY REFERENCES inbox (id) ON DELETE CASCADE, -- the delivery
  reason TEXT NOT NULL, -- why it could not be read; never a part of the body
  noticed_at INTEGER NOT NULL -- ms since 1970 UTC
) STRICT;

-- Deliveries that were refused before anything was kept, counted by the minute.
CREATE TABLE refused_deliveries (
  account TEXT NOT NULL, -- name of the [voice.NAME] table addressed
  reason TEXT NOT NULL, -- stable code of the refusal
  minute_at INTEGER NOT NULL CHECK (minute_at % 60000 = 0), -- start of the minute, ms since 1970 UTC
  refused INTEGER NOT NULL CHECK (refused > 0), -- how many
  PRIMARY KEY (account, reason, minute_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, -- grows with time, never given twice
  kind TEXT NOT NULL, -- one word a variant of domain/job.rs
  payload TEXT NOT NULL CHECK (json_valid(payload)), -- the variant's fields
  state TEXT NOT NULL CHECK (state IN ('pending', 'dead')), -- done jobs are deleted
  attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0), -- begun so far
  run_at INTEGER NOT NULL, -- ms since 1970 UTC; while leased: when the lease ends
  leased INTEGER NOT NULL DEFAULT 0 CHECK (leased IN (0, 1)), -- 1 while somebody works on it
  last_error TEXT NOT NULL DEFAULT '', -- of the last attempt; never a part of a body
  created_at INTEGER NOT NULL -- ms since 1970 UTC
) STRICT;
CREATE INDEX jobs_due ON jobs (run_at) WHERE state = 'pending';
CREATE INDEX jobs_dead ON jobs (id) WHERE state = 'dead';

-- One row that the readiness probe writes, so that it proves a durable write.
CREATE TABLE probe (
  id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), -- only one row
  probed_at INTEGER NOT NULL, -- ms since 1970 UTC
  ballast BLOB NOT NULL -- takes room for a moment, so that a full disk is noticed
) STRICT;
INSERT INTO probe (id, probed_at, ballast) VALUES (1, 0, x'');
