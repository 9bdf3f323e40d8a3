-- Who serves, where and when, what they can do; and what a service asks for.

CREATE TABLE staff (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), -- UUIDv7
  business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE CASCADE, -- whose staff
  name TEXT NOT NULL COLLATE NOCASE CHECK (length(name) BETWEEN 1 AND 200), -- as spoken
  active INTEGER NOT NULL CHECK (active IN (0, 1)), -- 0: nothing new is booked with them
  given_at INTEGER NOT NULL, -- ms since 1970 UTC; when they were last given an appointment for anybody's time; 0: never
  created_at INTEGER NOT NULL, -- ms since 1970 UTC
  updated_at INTEGER NOT NULL, -- ms since 1970 UTC, kept by a trigger
  UNIQUE (business_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE staff_branches (
  staff_id BLOB NOT NULL REFERENCES staff (id) ON DELETE CASCADE, -- who
  branch_id BLOB NOT NULL REFERENCES branches (id) ON DELETE CASCADE, -- works where
  business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE CASCADE, -- whose staff
  own_hours INTEGER NOT NULL CHECK (own_hours IN (0, 1)), -- 0: whenever the branch is open; 1: by staff_hours
  PRIMARY KEY (staff_id, branch_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX staff_branches_of_business ON staff_branches (business_id);
CREATE INDEX staff_branches_of_branch ON staff_branches (branch_id);

CREATE TABLE staff_hours (
  staff_id BLOB NOT NULL, -- whose hours
  branch_id BLOB NOT NULL, -- where
  business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE CASCADE, -- whose staff
  weekday INTEGER NOT NULL CHECK (weekday BETWEEN 1 AND 7), -- 1 is Monday
  opens_min INTEGER NOT NULL CHECK (opens_min BETWEEN 0 AND 1439), -- minutes after local midnight
  closes_min INTEGER NOT NULL CHECK (closes_min BETWEEN 1 AND 1440 AND closes_min > opens_min), -- minutes after local midnight
  PRIMARY KEY (staff_id, branch_id, weekday, opens_min),
  FOREIGN KEY (staff_id, branch_id) REFERENCES staff_branches (staff_id, branch_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX staff_hours_of_business ON staff_hours (business_id);

CREATE TABLE staff_skills (
  staff_id BLOB NOT NULL REFERENCES staff (id) ON DELETE CASCADE, -- who
  skill TEXT NOT NULL COLLATE NOCASE CHECK (length(skill) BETWEEN 1 AND 60), -- can do what
  business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE CASCADE, -- whose staff
  PRIMARY KEY (staff_id, skill)
) STRICT, WITHOUT ROWID;
CREATE INDEX staff_skills_of_business ON staff_skills (business_id);

ALTER TABLE services ADD COLUMN before_min INTEGER NOT NULL DEFAULT 0 CHECK (before_min BETWEEN 0 AND 1440); -- minutes kept free before an appointment
ALTER TABLE services ADD COLUMN after_min INTEGER NOT NULL DEFAULT 0 CHECK (after_min BETWEEN 0 AND 1440); -- minutes kept free after an appointment
ALTER TABLE services ADD COLUMN capacity INTEGER NOT NULL DEFAULT 1 CHECK (capacity BETWEEN 1 AND 1000); -- customers served at once
ALTER TABLE services ADD COLUMN day_cap INTEGER CHECK (day_cap BETWEEN 1 AND 10000); -- most appointments a branch and local day; NULL: no cap
ALTER TABLE services ADD COLUMN staffed INTEGER NOT NULL DEFAULT 0 CHECK (staffed IN (0, 1)); -- 1: takes the time of a staff member; 0: of the branch
ALTER TABLE services ADD COLUMN price_micros INTEGER CHECK (price_micros >= 0); -- millionths of the currency's unit; NULL: not told
ALTER TABLE services ADD COLUMN currency TEXT NOT NULL DEFAULT '' CHECK (length(currency) = 0 OR length(currency) = 3); -- ISO 4217; empty without a price
ALTER TABLE services ADD COLUMN active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)); -- 0: nothing new is booked

CREATE TABLE service_skills (
  service_id BLOB NOT NULL REFERENCES services (id) ON DELETE CASCADE, -- what
  skill TEXT NOT NULL COLLATE NOCASE CHECK (length(skill) BETWEEN 1 AND 60), -- asks for what; all of them
  business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE CASCADE, -- whose service
  PRIMARY KEY (service_id, skill)
) STRICT, WITHOUT ROWID;
CREATE INDEX service_skills_of_business ON service_skills (business_id);

CREATE TABLE service_staff (
  service_id BLOB NOT NULL REFERENCES services (id) ON DELETE CASCADE, -- what; without a row: by anybody with the skills
  staff_id BLOB NOT NULL REFERENCES staff (id) ON DELETE CASCADE, -- is done by whom
  business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE CASCADE, -- whose service
  PRIMARY KEY (service_id, staff_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX service_staff_of_business ON service_staff (business_id);
CREATE INDEX service_staff_of_staff ON service_staff (staff_id);

CREATE TABLE service_branches (
  service_id BLOB NOT NULL REFERENCES services (id) ON DELETE CASCADE, -- what; without a row: at every branch
  branch_id BLOB NOT NULL REFERENCES branches (id) ON DELETE CASCADE, -- is offered where
  business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE CASCADE, -- whose service
  PRIMARY KEY (service_id, branch_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX service_branches_of_business ON service_branches (business_id);
CREATE INDEX service_branches_of_branch ON service_branches (branch_id);

-- Days on which other hours hold than in a usual week.
CREATE TABLE exceptions (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), -- UUIDv7
  business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE CASCADE, -- whose days
  branch_id BLOB REFERENCES branches (id) ON DELETE CASCADE, -- of one branch; NULL: of all of them, or of a staff member
  staff_id BLOB REFERENCES staff (id) ON DELETE CASCADE, -- of one staff member, wherever they work
  first_day TEXT NOT NULL CHECK (first_day GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'), -- local date
  last_day TEXT NOT NULL CHECK (last_day GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' AND last_day >= first_day), -- local date, included
  name TEXT NOT NULL CHECK (length(name) <= 200), -- such as a holiday's; empty when it has none
  created_at INTEGER NOT NULL, -- ms since 1970 UTC
  CHECK (branch_id IS NULL OR staff_id IS NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX exceptions_of_business ON exceptions (business_id, first_day);
CREATE INDEX exceptions_of_branch ON exceptions (branch_id) WHERE branch_id IS NOT NULL;
CREATE INDEX exceptions_of_staff ON exceptions (staff_id) WHERE staff_id IS NOT NULL;

CREATE TABLE exception_hours (
  exception_id BLOB NOT NULL REFERENCES exceptions (id) ON DELETE CASCADE, -- on which days; without a row: closed
  business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE CASCADE, -- whose days
  opens_min INTEGER NOT NULL CHECK (opens_min BETWEEN 0 AND 1439), -- minutes after local midnight
  closes_min INTEGER NOT NULL CHECK (closes_min BETWEEN 1 AND 1440 AND closes_min > opens_min), -- minutes after local midnight
  PRIMARY KEY (exception_id, opens_min)
) STRICT, WITHOUT ROWID;
CREATE INDEX exception_hours_of_business ON exception_hours (business_id);

CREATE TRIGGER staff_updated_at AFTER UPDATE ON staff
WHEN NEW.updated_at = OLD.updated_at
BEGIN
  UPDATE staff
  SET updated_at = max(OLD.updated_at + 1, CAST(unixepoch('subsec') * 1000 AS INTEGER))
  WHERE id = NEW.id;
END;
