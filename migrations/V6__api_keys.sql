-- Keys for the REST interface. The key itself is shown once and never kept.

CREATE TABLE api_keys (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), -- UUIDv7
  business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE CASCADE, -- whose data it opens
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200), -- what it is for
  secret_sha256 BLOB NOT NULL UNIQUE CHECK (length(secret_sha256) = 32), -- digest of the whole key
  hint TEXT NOT NULL, -- its first characters, to tell keys apart
  scopes TEXT NOT NULL, -- words of domain/access.rs, separated by spaces
  created_at INTEGER NOT NULL, -- ms since 1970 UTC
  expires_at INTEGER, -- ms since 1970 UTC; NULL: does not expire
  revoked_at INTEGER, -- ms since 1970 UTC; NULL: valid
  last_used_at INTEGER -- ms since 1970 UTC, to the hour; NULL: never
) STRICT, WITHOUT ROWID;
CREATE INDEX api_keys_of_business ON api_keys (business_id);
