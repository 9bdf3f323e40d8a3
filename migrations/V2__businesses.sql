-- Who is served: businesses, what they offer, when they are open, and how a call finds them.

CREATE TABLE businesses (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), -- UUIDv7
  name TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (length(name) BETWEEN 1 AND 200), -- as spoken and shown
  zone TEXT NOT NULL, -- IANA time zone; opening hours are wall-clock times in it
  created_at INTEGER NOT NULL, -- ms since 1970 UTC
  updated_at INTEGER NOT NULL -- ms since 1970 UTC, kept by a trigger
) STRICT, WITHOUT ROWID;

CREATE TABLE services (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), -- UUIDv7
  business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE CASCADE, -- whose service
  name TEXT NOT NULL COLLATE NOCASE CHECK (length(name) BETWEEN 1 AND 200), -- as spoken
  duration_min INTEGER NOT NULL CHECK (duration_min BETWEEN 5 AND 1440), -- minutes an appointment takes
  step_min INTEGER NOT NULL CHECK (step_min BETWEEN 5 AND 1440), -- minutes between offered starts
  notice_min INTEGER NOT NULL CHECK (notice_min BETWEEN 0 AND 525600), -- minutes between now and the earliest start
  horizon_days INTEGER NOT NULL CHECK (horizon_days BETWEEN 1 AND 730), -- days ahead that can be booked
  created_at INTEGER NOT NULL, -- ms since 1970 UTC
  updated_at INTEGER NOT NULL, -- ms since 1970 UTC, kept by a trigger
  UNIQUE (business_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE weekly_hours (
  business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE CASCADE, -- whose hours
  weekday INTEGER NOT NULL CHECK (weekday BETWEEN 1 AND 7), -- 1 is Monday
  opens_min INTEGER NOT NULL CHECK (opens_min BETWEEN 0 AND 1439), -- minutes after local midnight
  closes_min INTEGER NOT NULL CHECK (closes_min BETWEEN 1 AND 1440 AND closes_min > opens_min), -- minutes after local midnight
  PRIMARY KEY (business_id, weekday, opens_min)
) STRICT, WITHOUT ROWID;

CREATE TABLE agents (
  account TEXT NOT NULL, -- name of the [voice.NAME] table
  provider_agent_id TEXT NOT NULL CHECK (length(provider_agent_id) BETWEEN 1 AND 200), -- the provider's id of the agent
  business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE CASCADE, -- whom the agent answers for
  created_at INTEGER NOT NULL, -- ms since 1970 UTC
  PRIMARY KEY (account, provider_agent_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX agents_of_business ON agents (business_id);

CREATE TABLE numbers (
  e164 TEXT NOT NULL PRIMARY KEY CHECK (e164 GLOB '+[1-9]*'), -- telephone number, E.164
  business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE CASCADE, -- whose number
  created_at INTEGER NOT NULL -- ms since 1970 UTC
) STRICT, WITHOUT ROWID;
CREATE INDEX numbers_of_business ON numbers (business_id);

CREATE TRIGGER businesses_updated_at AFTER UPDATE ON businesses
WHEN NEW.updated_at = OLD.updated_at
BEGIN
  UPDATE businesses
  SET updated_at = max(OLD.updated_at + 1, CAST(unixepoch('subsec') * 1000 AS INTEGER))
  WHERE id = NEW.id;
END;

CREATE TRIGGER services_updated_at AFTER UPDATE ON services
WHEN NEW.updated_at = OLD.updated_at
BEGIN
  UPDATE services
  SET updated_at = max(OLD.updated_at + 1, CAST(unixepoch('subsec') * 1000 AS INTEGER))
  WHERE id = NEW.id;
END;
