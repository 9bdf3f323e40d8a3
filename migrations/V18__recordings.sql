-- Recordings of calls on their way to the archive and in it, and files that are to be taken away.

CREATE TABLE recordings (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), -- UUIDv7
  call_id BLOB NOT NULL UNIQUE REFERENCES calls (id) ON DELETE CASCADE, -- its call
  business_id BLOB REFERENCES businesses (id) ON DELETE RESTRICT, -- that of its call, kept by a trigger
  state TEXT NOT NULL DEFAULT 'expected' CHECK (state = 'expected' OR state = 'waiting' OR state = 'fetching' OR state = 'storing' OR state = 'archived' OR state = 'failed' OR state = 'expired'), -- how far it is
  reason TEXT NOT NULL DEFAULT '' CHECK (length(reason) <= 60), -- stable code of what stood in its way last; empty when nothing does
  attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0), -- tries of this step that failed
  trace_id INTEGER, -- number of the delivery that told of it first, in every log line of its way; NULL without one
  job_id INTEGER, -- the job that goes on with it; NULL when nothing is to be done
  call_ended_at INTEGER NOT NULL, -- ms since 1970 UTC; its provider's time counts from here
  warned_at INTEGER, -- ms since 1970 UTC; when a person was told that time runs out
  store TEXT NOT NULL DEFAULT '', -- which store has the file; empty while none has
  key TEXT NOT NULL DEFAULT '' CHECK (length(key) <= 300), -- the file's name there
  is_sealed INTEGER NOT NULL DEFAULT 0 CHECK (is_sealed IN (0, 1)), -- 1: the file is sealed with the master key
  upload_store TEXT NOT NULL DEFAULT '', -- which other store may have the file too, or a part of it; empty when none may
  upload_id TEXT NOT NULL DEFAULT '', -- what that store calls an upload in parts that is under way; empty without one
  format TEXT NOT NULL DEFAULT '' CHECK (format = '' OR format = 'wav' OR format = 'mp3' OR format = 'ogg'), -- by its content
  sha256 BLOB CHECK (length(sha256) = 32), -- of the audio
  bytes INTEGER CHECK (bytes > 0), -- of the audio
  kept_sha256 BLOB CHECK (length(kept_sha256) = 32), -- of the file as it is kept
  kept_bytes INTEGER CHECK (kept_bytes > 0), -- of the file as it is kept
  duration_ms INTEGER CHECK (duration_ms >= 0), -- read from the audio
  channels INTEGER CHECK (channels > 0), -- read from the audio
  sample_rate_hz INTEGER CHECK (sample_rate_hz > 0), -- read from the audio
  peaks BLOB, -- the loudest of each part, 0 to 255, channel after channel
  fetched_at INTEGER, -- ms since 1970 UTC; when it came onto this machine
  archived_at INTEGER, -- ms since 1970 UTC; when it was where it belongs
  updated_at INTEGER NOT NULL -- ms since 1970 UTC
) STRICT;
CREATE INDEX recordings_of_business ON recordings (business_id, id);
CREATE INDEX recordings_by_state ON recordings (state, id);
CREATE INDEX recordings_of_business_by_state ON recordings (business_id, state, id);
CREATE INDEX recordings_by_age ON recordings (fetched_at) WHERE key <> '';
CREATE INDEX recordings_by_store ON recordings (store, id) WHERE key <> '';

CREATE TRIGGER recordings_of_call AFTER UPDATE OF business_id ON calls
WHEN OLD.business_id IS NOT NEW.business_id
BEGIN
  UPDATE recordings SET business_id = NEW.business_id WHERE call_id = NEW.id;
END;

-- Files that no row names any more. Written with the change that makes them so.
CREATE TABLE removals (
  id INTEGER NOT NULL PRIMARY KEY, -- grows with time
  store TEXT NOT NULL, -- which store has the file
  key TEXT NOT NULL, -- the file's name there
  upload_id TEXT NOT NULL DEFAULT '', -- an upload in parts that is to be called off; empty: the file itself
  attempts INTEGER NOT NULL DEFAULT 0, -- tries that failed
  due_at INTEGER NOT NULL -- ms since 1970 UTC
) STRICT;
CREATE INDEX removals_due ON removals (due_at);
CREATE INDEX removals_of_file ON removals (store, key);

CREATE TRIGGER removals_of_deleted AFTER DELETE ON recordings WHEN OLD.key <> ''
BEGIN
  INSERT INTO removals (store, key, due_at) VALUES (OLD.store, OLD.key, 0);
END;

-- What another store may have goes with the row, and when the file ends up elsewhere.
CREATE TRIGGER removals_of_upload AFTER DELETE ON recordings WHEN OLD.upload_store <> ''
BEGIN
  INSERT INTO removals (store, key, due_at) VALUES (OLD.upload_store, OLD.key, 0);
  INSERT INTO removals (store, key, upload_id, due_at)
  SELECT OLD.upload_store, OLD.key, OLD.upload_id, 0 WHERE OLD.upload_id <> '';
END;

CREATE TRIGGER removals_of_left_upload AFTER UPDATE OF upload_store ON recordings
WHEN OLD.upload_store <> '' AND NEW.upload_store <> OLD.upload_store AND NEW.store <> OLD.upload_store
BEGIN
  INSERT INTO removals (store, key, due_at) VALUES (OLD.upload_store, OLD.key, 0);
  INSERT INTO removals (store, key, upload_id, due_at)
  SELECT OLD.upload_store, OLD.key, OLD.upload_id, 0 WHERE OLD.upload_id <> '';
END;

CREATE TRIGGER removals_of_moved AFTER UPDATE OF store, key ON recordings
WHEN OLD.key <> '' AND (OLD.store <> NEW.store OR OLD.key <> NEW.key)
BEGIN
  INSERT INTO removals (store, key, due_at) VALUES (OLD.store, OLD.key, 0);
END;

-- Each kind of job is claimed by itself: a hundred recordings hold up no event.
CREATE INDEX jobs_due_by_kind ON jobs (kind, run_at) WHERE state = 'pending';
