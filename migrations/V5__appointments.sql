-- The book of record: what was offered and what is booked.
-- Words are checked by OR: SQLite builds a table in memory for an IN of three or more, each time.

CREATE TABLE offers (
  call_id BLOB NOT NULL REFERENCES calls (id) ON DELETE CASCADE, -- the call it is valid in
  slot TEXT NOT NULL, -- the id the agent was given
  service_id BLOB NOT NULL REFERENCES services (id) ON DELETE CASCADE, -- what was asked for
  starts_at INTEGER NOT NULL, -- ms since 1970 UTC
  ends_at INTEGER NOT NULL CHECK (ends_at > starts_at), -- ms since 1970 UTC
  offered_at INTEGER NOT NULL, -- ms since 1970 UTC
  PRIMARY KEY (call_id, slot)
) STRICT, WITHOUT ROWID;

CREATE TABLE appointments (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), -- UUIDv7
  business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE RESTRICT, -- whose appointment
  service_id BLOB NOT NULL REFERENCES services (id) ON DELETE RESTRICT, -- what for
  call_id BLOB REFERENCES calls (id) ON DELETE SET NULL, -- the call it was made in; NULL when made elsewhere
  status TEXT NOT NULL CHECK (status = 'held' OR status = 'confirmed' OR status = 'completed' OR status = 'cancelled' OR status = 'no_show'), -- held and confirmed take time
  starts_at INTEGER NOT NULL, -- ms since 1970 UTC
  ends_at INTEGER NOT NULL CHECK (ends_at > starts_at), -- ms since 1970 UTC
  customer_name TEXT NOT NULL CHECK (length(customer_name) BETWEEN 1 AND 200), -- as the caller gave it
  customer_phone TEXT NOT NULL, -- E.164; empty when not given
  customer_email TEXT NOT NULL, -- empty when not given
  notes TEXT NOT NULL CHECK (length(notes) <= 2000), -- free words of the caller
  created_at INTEGER NOT NULL, -- ms since 1970 UTC
  updated_at INTEGER NOT NULL -- ms since 1970 UTC, kept by a trigger
) STRICT, WITHOUT ROWID;
CREATE INDEX appointments_taking_time ON appointments (business_id, starts_at, ends_at)
WHERE status IN ('held', 'confirmed');
CREATE INDEX appointments_by_start ON appointments (business_id, starts_at, id);
CREATE INDEX appointments_of_call ON appointments (call_id) WHERE call_id IS NOT NULL;
CREATE INDEX appointments_of_service ON appointments (service_id);

CREATE TRIGGER appointments_updated_at AFTER UPDATE ON appointments
WHEN NEW.updated_at = OLD.updated_at
BEGIN
  UPDATE appointments
  SET updated_at = max(OLD.updated_at + 1, CAST(unixepoch('subsec') * 1000 AS INTEGER))
  WHERE id = NEW.id;
END;

-- How many rows a business has, kept by the writer: counting them on demand grows with the archive.
CREATE TABLE totals (
  business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE CASCADE, -- whose rows
  noun TEXT NOT NULL CHECK (noun IN ('calls', 'appointments')), -- which table
  total INTEGER NOT NULL CHECK (total >= 0), -- rows
  PRIMARY KEY (business_id, noun)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER totals_call_added AFTER INSERT ON calls WHEN NEW.business_id IS NOT NULL
BEGIN
  INSERT INTO totals (business_id, noun, total) VALUES (NEW.business_id, 'calls', 1)
  ON CONFLICT (business_id, noun) DO UPDATE SET total = total + 1;
END;

CREATE TRIGGER totals_call_assigned AFTER UPDATE OF business_id ON calls
WHEN NEW.business_id IS NOT OLD.business_id
BEGIN
  UPDATE totals SET total = total - 1 WHERE business_id = OLD.business_id AND noun = 'calls';
  INSERT INTO totals (business_id, noun, total)
  SELECT NEW.business_id, 'calls', 1 WHERE NEW.business_id IS NOT NULL
  ON CONFLICT (business_id, noun) DO UPDATE SET total = total + 1;
END;

CREATE TRIGGER totals_call_removed AFTER DELETE ON calls WHEN OLD.business_id IS NOT NULL
BEGIN
  UPDATE totals SET total = total - 1 WHERE business_id = OLD.business_id AND noun = 'calls';
END;

CREATE TRIGGER totals_appointment_added AFTER INSERT ON appointments
BEGIN
  INSERT INTO totals (business_id, noun, total) VALUES (NEW.business_id, 'appointments', 1)
  ON CONFLICT (business_id, noun) DO UPDATE SET total = total + 1;
END;

CREATE TRIGGER totals_appointment_removed AFTER DELETE ON appointments
BEGIN
  UPDATE totals SET total = total - 1 WHERE business_id = OLD.business_id AND noun = 'appointments';
END;
