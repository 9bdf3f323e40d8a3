-- People who call, and what they leave behind.

CREATE TABLE customers (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), -- UUIDv7
  business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE CASCADE, -- whose customer
  name TEXT NOT NULL CHECK (length(name) <= 200), -- as they gave it; empty when not given
  phone TEXT NOT NULL, -- E.164; empty when not given
  email TEXT NOT NULL COLLATE NOCASE, -- empty when not given
  language TEXT NOT NULL CHECK (length(language) = 0 OR length(language) = 2), -- ISO 639-1; empty when not told
  notes TEXT NOT NULL CHECK (length(notes) <= 2000), -- the business's own words
  created_at INTEGER NOT NULL, -- ms since 1970 UTC
  updated_at INTEGER NOT NULL -- ms since 1970 UTC, kept by a trigger
) STRICT, WITHOUT ROWID;
CREATE INDEX customers_by_phone ON customers (business_id, phone) WHERE phone <> '';
CREATE INDEX customers_by_email ON customers (business_id, email) WHERE email <> '';
CREATE INDEX customers_recent ON customers (business_id, created_at DESC, id DESC);

CREATE TABLE messages (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), -- UUIDv7
  business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE CASCADE, -- for whom
  call_id BLOB REFERENCES calls (id) ON DELETE SET NULL, -- the call it was left in
  customer_name TEXT NOT NULL CHECK (length(customer_name) <= 200), -- who left it; empty when not given
  customer_phone TEXT NOT NULL, -- E.164; empty when not given
  text TEXT NOT NULL CHECK (length(text) BETWEEN 1 AND 2000), -- what to pass on
  done_at INTEGER, -- ms since 1970 UTC; NULL while nobody has seen to it
  created_at INTEGER NOT NULL -- ms since 1970 UTC
) STRICT, WITHOUT ROWID;
CREATE INDEX messages_recent ON messages (business_id, created_at DESC, id DESC);
CREATE INDEX messages_of_call ON messages (call_id) WHERE call_id IS NOT NULL;

CREATE TRIGGER customers_updated_at AFTER UPDATE ON customers
WHEN NEW.updated_at = OLD.updated_at
BEGIN
  UPDATE customers
  SET updated_at = max(OLD.updated_at + 1, CAST(unixepoch('subsec') * 1000 AS INTEGER))
  WHERE id = NEW.id;
END;
