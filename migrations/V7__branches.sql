-- Where a business serves: branches with their own zone, address and hours. Every business that is
-- there gets one, which takes over its zone and hours; its id is that of the business.

ALTER TABLE businesses ADD COLUMN language TEXT NOT NULL DEFAULT 'en' CHECK (length(language) = 2); -- ISO 639-1; what callers are answered in
ALTER TABLE businesses ADD COLUMN region TEXT NOT NULL DEFAULT '' CHECK (length(region) = 0 OR length(region) = 2); -- ISO 3166-1 alpha-2; where numbers without a country code are read; empty: that of its own number

CREATE TABLE branches (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), -- UUIDv7
  business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE CASCADE, -- whose branch
  name TEXT NOT NULL COLLATE NOCASE CHECK (length(name) BETWEEN 1 AND 200), -- as spoken
  zone TEXT NOT NULL, -- IANA time zone; its hours are wall-clock times in it
  address TEXT NOT NULL CHECK (length(address) <= 500), -- as spoken; empty when not given
  phone TEXT NOT NULL, -- E.164; empty when not given
  active INTEGER NOT NULL CHECK (active IN (0, 1)), -- 0: nothing new is booked there
  created_at INTEGER NOT NULL, -- ms since 1970 UTC
  updated_at INTEGER NOT NULL, -- ms since 1970 UTC, kept by a trigger
  UNIQUE (business_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE branch_hours (
  branch_id BLOB NOT NULL REFERENCES branches (id) ON DELETE CASCADE, -- whose hours
  business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE CASCADE, -- whose branch
  weekday INTEGER NOT NULL CHECK (weekday BETWEEN 1 AND 7), -- 1 is Monday
  opens_min INTEGER NOT NULL CHECK (opens_min BETWEEN 0 AND 1439), -- minutes after local midnight
  closes_min INTEGER NOT NULL CHECK (closes_min BETWEEN 1 AND 1440 AND closes_min > opens_min), -- minutes after local midnight
  PRIMARY KEY (branch_id, weekday, opens_min)
) STRICT, WITHOUT ROWID;
CREATE INDEX branch_hours_of_business ON branch_hours (business_id);

INSERT INTO branches (id, business_id, name, zone, address, phone, active, created_at, updated_at)
SELECT id, id, name, zone, '', '', 1, created_at, created_at
FROM businesses;

INSERT INTO branch_hours (branch_id, business_id, weekday, opens_min, closes_min)
SELECT business_id, business_id, weekday, opens_min, closes_min
FROM weekly_hours;

DROP TABLE weekly_hours;

CREATE TRIGGER branches_updated_at AFTER UPDATE ON branches
WHEN NEW.updated_at = OLD.updated_at
BEGIN
  UPDATE branches
  SET updated_at = max(OLD.updated_at + 1, CAST(unixepoch('subsec') * 1000 AS INTEGER))
  WHERE id = NEW.id;
END;
