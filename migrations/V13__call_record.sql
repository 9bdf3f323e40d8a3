-- The call record, complete: calls that we place ourselves, every name a call goes by, what came of
-- it, and what it was about. The table is built anew because one more word is allowed for a status.
-- Words are checked by OR: SQLite builds a table in memory for an IN of three or more, each time.

CREATE TABLE properties (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), -- UUIDv7
  business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE RESTRICT, -- whose
  reference TEXT NOT NULL CHECK (length(reference) BETWEEN 1 AND 100), -- the business's own number for it
  title TEXT NOT NULL CHECK (length(title) BETWEEN 1 AND 200), -- what it is called
  address TEXT NOT NULL CHECK (length(address) <= 500), -- empty when not given
  notes TEXT NOT NULL CHECK (length(notes) <= 2000), -- free words
  created_at INTEGER NOT NULL, -- ms since 1970 UTC
  updated_at INTEGER NOT NULL, -- ms since 1970 UTC
  UNIQUE (business_id, reference)
) STRICT, WITHOUT ROWID;
CREATE INDEX properties_recent ON properties (business_id, created_at DESC, id DESC);

CREATE TABLE calls_next (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), -- UUIDv7
  business_id BLOB REFERENCES businesses (id) ON DELETE RESTRICT, -- NULL while nobody claims the number or agent
  account TEXT NOT NULL, -- name of the [voice.NAME] table
  provider_call_id TEXT NOT NULL CHECK (length(provider_call_id) BETWEEN 1 AND 200), -- the provider's id of the call; our order while it has none
  provider_agent_id TEXT NOT NULL, -- the provider's id of the agent; empty when not told
  direction TEXT NOT NULL CHECK (direction = 'inbound' OR direction = 'outbound' OR direction = 'web' OR direction = 'unknown'), -- as the agent sees it
  status TEXT NOT NULL DEFAULT 'initiated' CHECK (status = 'initiated' OR status = 'registered' OR status = 'ongoing' OR status = 'ended' OR status = 'not_connected' OR status = 'error'), -- only moves forward
  outcome TEXT NOT NULL DEFAULT '' CHECK (outcome = '' OR outcome = 'booked' OR outcome = 'moved' OR outcome = 'cancelled' OR outcome = 'message' OR outcome = 'transferred' OR outcome = 'voicemail' OR outcome = 'missed' OR outcome = 'failed' OR outcome = 'answered'), -- empty while it is not over
  from_number TEXT NOT NULL, -- E.164 or as the provider wrote it; empty when not told
  to_number TEXT NOT NULL, -- E.164 or as the provider wrote it; empty when not told
  handed_to TEXT NOT NULL DEFAULT '', -- to whom it was handed on; empty when it was not
  started_at INTEGER, -- ms since 1970 UTC; NULL when not told
  ended_at INTEGER, -- ms since 1970 UTC; NULL when not told
  duration_ms INTEGER CHECK (duration_ms >= 0), -- NULL when not told
  disconnection_reason TEXT NOT NULL, -- the provider's word; empty when not told
  end_family TEXT NOT NULL CHECK (end_family = 'caller_hung_up' OR end_family = 'agent_hung_up' OR end_family = 'transferred' OR end_family = 'voicemail' OR end_family = 'not_reached' OR end_family = 'limit' OR end_family = 'refused' OR end_family = 'failed' OR end_family = 'other' OR end_family = 'unknown'), -- the provider's word, mapped
  summary TEXT NOT NULL, -- the provider's summary; empty when not told
  sentiment TEXT NOT NULL, -- the provider's word; empty when not told
  successful INTEGER CHECK (successful IN (0, 1)), -- the provider's judgement; NULL when not told
  in_voicemail INTEGER CHECK (in_voicemail IN (0, 1)), -- NULL when not told
  cost_micros INTEGER, -- millionths of the currency's unit; NULL when not told
  cost_currency TEXT NOT NULL, -- ISO 4217; empty without a cost
  facts TEXT NOT NULL CHECK (json_valid(facts)), -- every field with the version of the event that told it
  property_id BLOB REFERENCES properties (id) ON DELETE SET NULL, -- what it is about, when that is known
  is_test INTEGER NOT NULL DEFAULT 0 CHECK (is_test IN (0, 1)), -- 1: placed to try things out
  recovered_at INTEGER, -- ms since 1970 UTC; when the provider had to be asked how it ended; NULL when events told
  created_at INTEGER NOT NULL, -- ms since 1970 UTC
  updated_at INTEGER NOT NULL, -- ms since 1970 UTC, kept by a trigger
  UNIQUE (account, provider_call_id)
) STRICT, WITHOUT ROWID;

INSERT INTO calls_next
  (id, business_id, account, provider_call_id, provider_agent_id, direction, status, from_number,
   to_number, started_at, ended_at, duration_ms, disconnection_reason, end_family, summary,
   sentiment, successful, in_voicemail, cost_micros, cost_currency, facts, created_at, updated_at)
SELECT id, business_id, account, provider_call_id, provider_agent_id, direction, status, from_number,
       to_number, started_at, ended_at, duration_ms, disconnection_reason, end_family, summary,
       sentiment, successful, in_voicemail, cost_micros, cost_currency, facts, created_at, updated_at
FROM calls;

DROP TABLE calls;
ALTER TABLE calls_next RENAME TO calls;

CREATE INDEX calls_recent ON calls (business_id, created_at DESC, id DESC);
CREATE INDEX calls_unclaimed ON calls (account, provider_agent_id) WHERE business_id IS NULL;
CREATE INDEX calls_by_account ON calls (account, status, created_at);
-- Those that are not over: what a reconciler looks at. The planner takes it for each of the words.
CREATE INDEX calls_by_status ON calls (status, created_at) WHERE status IN ('initiated', 'registered', 'ongoing');
CREATE INDEX calls_of_property ON calls (property_id, created_at DESC, id DESC) WHERE property_id IS NOT NULL;
CREATE INDEX calls_from ON calls (business_id, from_number, created_at) WHERE from_number <> '';
CREATE INDEX calls_by_outcome ON calls (business_id, outcome, created_at DESC, id DESC) WHERE outcome <> '';

CREATE TRIGGER calls_updated_at AFTER UPDATE ON calls
WHEN NEW.updated_at = OLD.updated_at
BEGIN
  UPDATE calls
  SET updated_at = max(OLD.updated_at + 1, CAST(unixepoch('subsec') * 1000 AS INTEGER))
  WHERE id = NEW.id;
END;

CREATE TRIGGER totals_call_added AFTER INSERT ON calls WHEN NEW.business_id IS NOT NULL
BEGIN
  INSERT INTO totals (business_id, noun, total) VALUES (NEW.business_id, 'calls', 1)
  ON CONFLICT (business_id, noun) DO UPDATE SET total = total + 1;
END;

CREATE TRIGGER totals_call_assigned AFTER UPDATE OF business_id ON calls
WHEN OLD.business_id IS NOT NEW.business_id
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

-- Names of a call besides the one in its row: legs, tokens for commands, our orders.
CREATE TABLE call_names (
  account TEXT NOT NULL, -- name of the [voice.NAME] table
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200), -- as the provider or we call it
  call_id BLOB NOT NULL REFERENCES calls (id) ON DELETE CASCADE, -- the call
  PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX call_names_of_call ON call_names (call_id);

-- Calls that we were asked to place. A row is written before anything is dialled.
CREATE TABLE call_orders (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), -- UUIDv7; the provider is given it
  business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE RESTRICT, -- who calls
  call_id BLOB NOT NULL UNIQUE REFERENCES calls (id) ON DELETE CASCADE, -- the call that it makes
  account TEXT NOT NULL, -- name of the [voice.NAME] table
  provider_agent_id TEXT NOT NULL, -- who talks; empty where the provider has no agents
  from_number TEXT NOT NULL, -- E.164
  to_number TEXT NOT NULL, -- E.164
  variables TEXT NOT NULL CHECK (json_valid(variables)), -- what the agent is told, an object of texts
  state TEXT NOT NULL DEFAULT 'initiated' CHECK (state = 'initiated' OR state = 'dialling' OR state = 'placed' OR state = 'failed'), -- dialling: the provider may have it
  failure TEXT NOT NULL DEFAULT '', -- stable code; empty unless failed
  dialled_at INTEGER, -- ms since 1970 UTC; the first time; NULL before
  created_at INTEGER NOT NULL -- ms since 1970 UTC
) STRICT, WITHOUT ROWID;
CREATE INDEX call_orders_of_business ON call_orders (business_id, created_at);

-- How far the calls of an account were compared with what its provider lists.
CREATE TABLE reconciled (
  account TEXT NOT NULL PRIMARY KEY, -- name of the [voice.NAME] table
  until_at INTEGER NOT NULL, -- ms since 1970 UTC; calls that began before were compared
  looked_at INTEGER NOT NULL, -- ms since 1970 UTC; the last time
  listed INTEGER NOT NULL, -- calls listed in all
  recovered INTEGER NOT NULL, -- calls whose end or whole had been missed
  last_error TEXT NOT NULL -- of the last time; empty when it went well
) STRICT, WITHOUT ROWID;

-- What a person should look at.
CREATE TABLE notices (
  id INTEGER NOT NULL PRIMARY KEY, -- grows with time
  business_id BLOB REFERENCES businesses (id) ON DELETE CASCADE, -- whom it concerns; NULL: the whole install
  kind TEXT NOT NULL, -- stable code
  subject TEXT NOT NULL, -- what it is about, such as a number
  noticed_at INTEGER NOT NULL, -- ms since 1970 UTC
  UNIQUE (kind, subject, noticed_at)
) STRICT;
CREATE INDEX notices_of_business ON notices (business_id, id);
