-- What is needed to forget a person: where they are found, and what keeps them from coming back.

CREATE INDEX calls_to ON calls (business_id, to_number, created_at) WHERE direction = 'outbound';
CREATE INDEX appointments_by_email ON appointments (business_id, customer_email) WHERE customer_email <> '';
CREATE INDEX messages_by_phone ON messages (business_id, customer_phone) WHERE customer_phone <> '';
CREATE INDEX waiting_by_phone ON waiting_entries (business_id, customer_phone) WHERE customer_phone <> '';
CREATE INDEX waiting_by_email ON waiting_entries (business_id, customer_email) WHERE customer_email <> '';

-- A request to forget a person. Once it is done it says no more who it was.
CREATE TABLE erasures (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), -- UUIDv7
  business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE CASCADE, -- whose data
  phone TEXT NOT NULL, -- E.164; empty when not known, and once it is done
  email TEXT NOT NULL, -- lower case; empty when not known, and once it is done
  customer_id BLOB CHECK (length(customer_id) = 16), -- NULL when not known, and once it is done
  calls INTEGER NOT NULL DEFAULT 0, -- calls taken away so far
  deliveries INTEGER NOT NULL DEFAULT 0, -- deliveries of theirs
  appointments INTEGER NOT NULL DEFAULT 0, -- appointments that say no more whose they were
  messages INTEGER NOT NULL DEFAULT 0, -- messages and places on a waiting list
  customers INTEGER NOT NULL DEFAULT 0, -- customers
  created_at INTEGER NOT NULL, -- ms since 1970 UTC
  done_at INTEGER -- ms since 1970 UTC; NULL while something may be left
) STRICT, WITHOUT ROWID;
CREATE INDEX erasures_of_business ON erasures (business_id, created_at DESC);
CREATE INDEX erasures_open ON erasures (created_at) WHERE done_at IS NULL;

-- Recognises what was erased without saying what it was, so that a late delivery does not bring it back.
CREATE TABLE tombstones (
  digest BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 32), -- HMAC-SHA256 of a call's name, or of a business and a number
  key_id INTEGER NOT NULL, -- number of the master key
  erased_at INTEGER NOT NULL -- ms since 1970 UTC; of a number: calls that began before are not taken in
) STRICT, WITHOUT ROWID;
