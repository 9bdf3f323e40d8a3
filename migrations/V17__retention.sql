-- How far each kind of data was gone through by its age, so that what is old is not looked at again.

CREATE TABLE retained (
  what TEXT NOT NULL PRIMARY KEY CHECK (what = 'events' OR what = 'transcripts'), -- which kind
  until_at INTEGER NOT NULL, -- ms since 1970 UTC; what is older is gone
  removed INTEGER NOT NULL -- rows taken away in all
) STRICT, WITHOUT ROWID;

CREATE INDEX calls_by_age ON calls (created_at);
