-- Who did what, to which thing, from where, when, and whether it was done. Each row holds the digest
-- of itself and of the row before it, so that a row that is changed, taken out or put in between is
-- noticed. No names, numbers or words of people: ids only.

CREATE TABLE audit_log (
  seq INTEGER NOT NULL PRIMARY KEY CHECK (seq > 0), -- grows by one a row
  at INTEGER NOT NULL, -- ms since 1970 UTC
  business_id BLOB CHECK (length(business_id) = 16), -- whose data; NULL where of none. No reference: the trail outlives it
  actor TEXT NOT NULL, -- what kind of hand: user, key, call, provider, operator, system, nobody
  actor_id TEXT NOT NULL, -- which one; empty where there is none
  action TEXT NOT NULL, -- what, as the route or the command is named
  object_id TEXT NOT NULL, -- to which thing; empty where there is none
  address TEXT NOT NULL, -- from where: an IP address; empty where there is none
  result TEXT NOT NULL CHECK (result = 'done' OR result = 'refused' OR result = 'failed'), -- how it ended
  reason TEXT NOT NULL, -- stable code of a refusal; empty where it was done
  many INTEGER NOT NULL CHECK (many > 0), -- how often, for refusals counted by the minute
  hash BLOB NOT NULL CHECK (length(hash) = 32) -- SHA-256 of the row before and of this one
) STRICT;
CREATE INDEX audit_of_business ON audit_log (business_id, seq) WHERE business_id IS NOT NULL;
CREATE INDEX audit_at ON audit_log (at);

CREATE TRIGGER audit_log_is_never_changed BEFORE UPDATE ON audit_log
BEGIN
  SELECT RAISE(ABORT, 'the audit trail is append-only');
END;

-- Where the trail begins and where it ends, sealed with a key that is not in this file.
CREATE TABLE audit_ends (
  which TEXT NOT NULL PRIMARY KEY CHECK (which = 'begin' OR which = 'head'), -- before the first row, or the last one
  seq INTEGER NOT NULL CHECK (seq >= 0), -- of that row
  hash BLOB NOT NULL CHECK (length(hash) = 32), -- of that row
  key_id INTEGER NOT NULL, -- number of the master key
  seal BLOB NOT NULL CHECK (length(seal) = 32) -- HMAC-SHA256 over which, seq and hash
) STRICT, WITHOUT ROWID;

-- What the trail was like now and then, signed: to be compared with a copy that was kept elsewhere.
CREATE TABLE audit_checkpoints (
  seq INTEGER NOT NULL PRIMARY KEY, -- the row that was the last one
  at INTEGER NOT NULL, -- ms since 1970 UTC
  hash BLOB NOT NULL CHECK (length(hash) = 32), -- of that row
  key_id INTEGER NOT NULL, -- number of the master key
  signature BLOB NOT NULL CHECK (length(signature) = 64) -- Ed25519 over seq, at and hash
) STRICT;

CREATE TRIGGER audit_log_goes_from_its_beginning BEFORE DELETE ON audit_log
WHEN OLD.seq > (SELECT coalesce(max(seq), 0) FROM audit_ends WHERE which = 'begin')
BEGIN
  SELECT RAISE(ABORT, 'the audit trail is append-only');
END;
