-- Calls, as told by their events, what was said in them, and what their tools answered.
-- Words are checked by OR: SQLite builds a table in memory for an IN of three or more, each time.

CREATE TABLE calls (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), -- UUIDv7
  business_id BLOB REFERENCES businesses (id) ON DELETE RESTRICT, -- NULL while nobody claims the number or agent
  account TEXT NOT NULL, -- name of the [voice.NAME] table
  provider_call_id TEXT NOT NULL CHECK (length(provider_call_id) BETWEEN 1 AND 200), -- the provider's id of the call
  provider_agent_id TEXT NOT NULL, -- the provider's id of the agent; empty when not told
  direction TEXT NOT NULL CHECK (direction = 'inbound' OR direction = 'outbound' OR direction = 'web' OR direction = 'unknown'), -- as the agent sees it
  status TEXT NOT NULL CHECK (status = 'registered' OR status = 'ongoing' OR status = 'ended' OR status = 'not_connected' OR status = 'error'), -- only moves forward
  from_number TEXT NOT NULL, -- E.164 or as the provider wrote it; empty when not told
  to_number TEXT NOT NULL, -- E.164 or as the provider wrote it; empty when not told
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
  created_at INTEGER NOT NULL, -- ms since 1970 UTC
  updated_at INTEGER NOT NULL, -- ms since 1970 UTC, kept by a trigger
  UNIQUE (account, provider_call_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX calls_recent ON calls (business_id, created_at DESC, id DESC);
CREATE INDEX calls_unclaimed ON calls (account, provider_agent_id) WHERE business_id IS NULL;

CREATE TABLE call_events (
  call_id BLOB NOT NULL REFERENCES calls (id) ON DELETE CASCADE, -- the call it tells of
  inbox_id INTEGER NOT NULL, -- the delivery
  event TEXT NOT NULL, -- the provider's name of the event
  received_at INTEGER NOT NULL, -- ms since 1970 UTC
  PRIMARY KEY (call_id, inbox_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE transcript_turns (
  call_id BLOB NOT NULL REFERENCES calls (id) ON DELETE CASCADE, -- the call
  position INTEGER NOT NULL CHECK (position >= 0), -- order in the call
  role TEXT NOT NULL CHECK (role = 'agent' OR role = 'caller' OR role = 'transfer_target' OR role = 'tool' OR role = 'other'), -- who spoke
  text TEXT NOT NULL, -- what was said
  starts_ms INTEGER CHECK (starts_ms >= 0), -- ms from the start of the call; NULL when not told
  ends_ms INTEGER CHECK (ends_ms >= 0), -- ms from the start of the call; NULL when not told
  PRIMARY KEY (call_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE tool_calls (
  id INTEGER NOT NULL PRIMARY KEY, -- grows with time
  call_id BLOB NOT NULL REFERENCES calls (id) ON DELETE CASCADE, -- the call it was asked in
  tool TEXT NOT NULL, -- name in the catalogue, or the unknown name asked for
  arguments_sha256 BLOB NOT NULL CHECK (length(arguments_sha256) = 32), -- digest of the canonical arguments
  replayed INTEGER NOT NULL CHECK (replayed IN (0, 1)), -- 1: the same question is given this answer again
  reason TEXT NOT NULL, -- code of the refusal; empty when done
  answer TEXT NOT NULL CHECK (json_valid(answer)), -- what was answered
  called_at INTEGER NOT NULL, -- ms since 1970 UTC
  duration_ms INTEGER NOT NULL CHECK (duration_ms >= 0) -- until the answer was decided
) STRICT;
CREATE INDEX tool_calls_of_call ON tool_calls (call_id, id);
CREATE UNIQUE INDEX tool_calls_replayed ON tool_calls (call_id, tool, arguments_sha256) WHERE replayed = 1;

CREATE TRIGGER calls_updated_at AFTER UPDATE ON calls
WHEN NEW.updated_at = OLD.updated_at
BEGIN
  UPDATE calls
  SET updated_at = max(OLD.updated_at + 1, CAST(unixepoch('subsec') * 1000 AS INTEGER))
  WHERE id = NEW.id;
END;
