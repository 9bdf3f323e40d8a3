-- The book of record, complete: where, with whom, for whom, holds that end by themselves, and the
-- history of every change. Appointments that are there stay at the branch that took over.
-- Words are checked by OR: SQLite builds a table in memory for an IN of three or more, each time.

CREATE TABLE appointments_next (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), -- UUIDv7
  business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE RESTRICT, -- whose appointment
  branch_id BLOB NOT NULL REFERENCES branches (id) ON DELETE RESTRICT, -- where
  service_id BLOB NOT NULL REFERENCES services (id) ON DELETE RESTRICT, -- what for
  staff_id BLOB REFERENCES staff (id) ON DELETE RESTRICT, -- with whom; NULL: it takes the branch's own time
  customer_id BLOB REFERENCES customers (id) ON DELETE SET NULL, -- for whom, when that is known for sure
  call_id BLOB REFERENCES calls (id) ON DELETE SET NULL, -- the call it was made in; NULL when made elsewhere
  status TEXT NOT NULL CHECK (status = 'held' OR status = 'confirmed' OR status = 'completed' OR status = 'cancelled' OR status = 'no_show'), -- held and confirmed take time
  held_until_at INTEGER CHECK ((held_until_at IS NULL) = (status <> 'held')), -- ms since 1970 UTC; a hold takes no time from then on
  starts_at INTEGER NOT NULL, -- ms since 1970 UTC
  ends_at INTEGER NOT NULL CHECK (ends_at > starts_at), -- ms since 1970 UTC
  before_min INTEGER NOT NULL CHECK (before_min BETWEEN 0 AND 1440), -- minutes kept free before it
  after_min INTEGER NOT NULL CHECK (after_min BETWEEN 0 AND 1440), -- minutes kept free after it
  customer_name TEXT NOT NULL CHECK (length(customer_name) <= 200 AND (status = 'held' OR length(customer_name) > 0)), -- as the caller gave it; a hold may have none yet
  customer_phone TEXT NOT NULL, -- E.164; empty when not given
  customer_email TEXT NOT NULL, -- empty when not given
  notes TEXT NOT NULL CHECK (length(notes) <= 2000), -- free words of the caller
  code TEXT NOT NULL CHECK (length(code) = 0 OR code GLOB '[0-9][0-9][0-9][0-9]'), -- confirmation digits; empty: none were given
  code_misses INTEGER NOT NULL CHECK (code_misses >= 0), -- wrong codes since the last right one
  created_at INTEGER NOT NULL, -- ms since 1970 UTC
  updated_at INTEGER NOT NULL -- ms since 1970 UTC, kept by a trigger
) STRICT, WITHOUT ROWID;

INSERT INTO appointments_next
  (id, business_id, branch_id, service_id, staff_id, customer_id, call_id, status, held_until_at,
   starts_at, ends_at, before_min, after_min, customer_name, customer_phone, customer_email, notes,
   code, code_misses, created_at, updated_at)
SELECT id, business_id, business_id, service_id, NULL, NULL, call_id,
       CASE status WHEN 'held' THEN 'cancelled' ELSE status END, NULL,
       starts_at, ends_at, 0, 0, customer_name, customer_phone, customer_email, notes,
       '', 0, created_at, updated_at
FROM appointments;

DROP TABLE appointments;
ALTER TABLE appointments_next RENAME TO appointments;

-- All that the search for free times reads stands in the index.
CREATE INDEX appointments_taking_time ON appointments
  (business_id, starts_at, ends_at, before_min, after_min, service_id, branch_id, staff_id, held_until_at,
   status)
WHERE status IN ('held', 'confirmed');
CREATE INDEX appointments_by_start ON appointments (business_id, starts_at, id);
CREATE INDEX appointments_by_staff ON appointments (staff_id, starts_at) WHERE staff_id IS NOT NULL;
CREATE INDEX appointments_by_phone ON appointments (business_id, customer_phone, starts_at)
WHERE customer_phone <> '';
CREATE INDEX appointments_of_customer ON appointments (customer_id, starts_at) WHERE customer_id IS NOT NULL;
CREATE INDEX appointments_of_call ON appointments (call_id, starts_at) WHERE call_id IS NOT NULL;
CREATE INDEX appointments_of_service ON appointments (service_id);
CREATE INDEX appointments_of_branch ON appointments (branch_id);
CREATE INDEX appointments_held ON appointments (held_until_at) WHERE status = 'held';

CREATE TRIGGER appointments_updated_at AFTER UPDATE ON appointments
WHEN NEW.updated_at = OLD.updated_at
BEGIN
  UPDATE appointments
  SET updated_at = max(OLD.updated_at + 1, CAST(unixepoch('subsec') * 1000 AS INTEGER))
  WHERE id = NEW.id;
END;

-- A hold is no appointment yet: it is not counted.
CREATE TRIGGER totals_appointment_added AFTER INSERT ON appointments WHEN NEW.status <> 'held'
BEGIN
  INSERT INTO totals (business_id, noun, total) VALUES (NEW.business_id, 'appointments', 1)
  ON CONFLICT (business_id, noun) DO UPDATE SET total = total + 1;
END;

CREATE TRIGGER totals_appointment_agreed AFTER UPDATE OF status ON appointments
WHEN OLD.status = 'held' AND NEW.status <> 'held'
BEGIN
  INSERT INTO totals (business_id, noun, total) VALUES (NEW.business_id, 'appointments', 1)
  ON CONFLICT (business_id, noun) DO UPDATE SET total = total + 1;
END;

CREATE TRIGGER totals_appointment_removed AFTER DELETE ON appointments WHEN OLD.status <> 'held'
BEGIN
  UPDATE totals SET total = total - 1 WHERE business_id = OLD.business_id AND noun = 'appointments';
END;

CREATE TABLE appointment_changes (
  id INTEGER NOT NULL PRIMARY KEY, -- grows with time
  appointment_id BLOB NOT NULL REFERENCES appointments (id) ON DELETE CASCADE, -- what changed
  business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE RESTRICT, -- whose appointment
  kind TEXT NOT NULL CHECK (kind = 'held' OR kind = 'booked' OR kind = 'confirmed' OR kind = 'moved' OR kind = 'corrected' OR kind = 'cancelled' OR kind = 'completed' OR kind = 'no_show'), -- what was done
  actor TEXT NOT NULL CHECK (actor = 'call' OR actor = 'key' OR actor = 'operator'), -- what kind of hand did it
  actor_id BLOB CHECK (length(actor_id) = 16), -- the call or the key; NULL for whoever runs commands
  from_status TEXT NOT NULL, -- before; empty when it was made
  from_starts_at INTEGER, -- ms since 1970 UTC, before; NULL when it was made
  from_staff_id BLOB, -- before; NULL when nobody or when it was made
  to_status TEXT NOT NULL, -- after
  to_starts_at INTEGER NOT NULL, -- ms since 1970 UTC, after
  to_staff_id BLOB, -- after; NULL when nobody
  changed_at INTEGER NOT NULL -- ms since 1970 UTC
) STRICT;
CREATE INDEX appointment_changes_of_appointment ON appointment_changes (appointment_id, id);

ALTER TABLE offers ADD COLUMN branch_id BLOB REFERENCES branches (id) ON DELETE CASCADE; -- where; NULL in calls before branches
ALTER TABLE offers ADD COLUMN staff_id BLOB REFERENCES staff (id) ON DELETE CASCADE; -- with whom, when somebody was asked for
CREATE INDEX offers_of_service ON offers (service_id);
CREATE INDEX offers_of_branch ON offers (branch_id) WHERE branch_id IS NOT NULL;
CREATE INDEX offers_of_staff ON offers (staff_id) WHERE staff_id IS NOT NULL;
