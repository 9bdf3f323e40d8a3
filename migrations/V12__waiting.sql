-- Who waits for a time to become free, what happened that others are told of, calendars that are
-- read by a secret address, and which requests were done already.

CREATE TABLE waiting_entries (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), -- UUIDv7
  business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE CASCADE, -- whose list
  service_id BLOB NOT NULL REFERENCES services (id) ON DELETE CASCADE, -- for what
  branch_id BLOB REFERENCES branches (id) ON DELETE CASCADE, -- where; NULL: anywhere
  staff_id BLOB REFERENCES staff (id) ON DELETE CASCADE, -- with whom; NULL: anybody
  call_id BLOB REFERENCES calls (id) ON DELETE SET NULL, -- the call it was made in; NULL when made elsewhere
  customer_name TEXT NOT NULL CHECK (length(customer_name) BETWEEN 1 AND 200), -- who waits
  customer_phone TEXT NOT NULL, -- E.164; empty when not given
  customer_email TEXT NOT NULL, -- empty when not given
  from_at INTEGER NOT NULL, -- ms since 1970 UTC; the earliest start that fits
  until_at INTEGER NOT NULL CHECK (until_at > from_at), -- ms since 1970 UTC; starts before it fit
  state TEXT NOT NULL CHECK (state = 'waiting' OR state = 'offered' OR state = 'booked' OR state = 'cancelled'), -- offered: a time is offered to them first until offer_until_at
  offer_start_at INTEGER, -- ms since 1970 UTC; the time that was offered last
  offer_until_at INTEGER CHECK ((offer_until_at IS NULL) = (state <> 'offered')), -- ms since 1970 UTC; then the next one is asked
  created_at INTEGER NOT NULL, -- ms since 1970 UTC
  updated_at INTEGER NOT NULL -- ms since 1970 UTC, kept by a trigger
) STRICT, WITHOUT ROWID;
CREATE INDEX waiting_in_turn ON waiting_entries (business_id, service_id, created_at, id)
WHERE state IN ('waiting', 'offered');
CREATE INDEX waiting_of_business ON waiting_entries (business_id, created_at DESC, id DESC);

CREATE INDEX waiting_of_branch ON waiting_entries (branch_id) WHERE branch_id IS NOT NULL;
CREATE INDEX waiting_of_staff ON waiting_entries (staff_id) WHERE staff_id IS NOT NULL;
CREATE INDEX waiting_of_call ON waiting_entries (call_id) WHERE call_id IS NOT NULL;
CREATE INDEX waiting_of_service ON waiting_entries (service_id);

CREATE TRIGGER waiting_entries_updated_at AFTER UPDATE ON waiting_entries
WHEN NEW.updated_at = OLD.updated_at
BEGIN
  UPDATE waiting_entries
  SET updated_at = max(OLD.updated_at + 1, CAST(unixepoch('subsec') * 1000 AS INTEGER))
  WHERE id = NEW.id;
END;

CREATE TABLE events (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, -- grows with time, never given twice
  business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE CASCADE, -- where it happened
  kind TEXT NOT NULL, -- one word a case of domain/event.rs
  subject_id BLOB NOT NULL CHECK (length(subject_id) = 16), -- the appointment, message or waiting entry
  happened_at INTEGER NOT NULL -- ms since 1970 UTC
) STRICT;
CREATE INDEX events_of_business ON events (business_id, id);

CREATE TABLE feeds (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), -- UUIDv7
  business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE CASCADE, -- whose appointments
  staff_id BLOB REFERENCES staff (id) ON DELETE CASCADE, -- of one staff member; NULL: all
  token_sha256 BLOB NOT NULL UNIQUE CHECK (length(token_sha256) = 32), -- digest of the secret part of the address
  created_at INTEGER NOT NULL -- ms since 1970 UTC
) STRICT, WITHOUT ROWID;
CREATE INDEX feeds_of_business ON feeds (business_id);
CREATE INDEX feeds_of_staff ON feeds (staff_id) WHERE staff_id IS NOT NULL;

CREATE TABLE idempotency_keys (
  business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE CASCADE, -- whose request
  key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255), -- as the client chose it
  fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32), -- digest of method, path and body
  object_id BLOB NOT NULL CHECK (length(object_id) = 16), -- what the request made
  created_at INTEGER NOT NULL, -- ms since 1970 UTC
  PRIMARY KEY (business_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
