-- Which releases have changed this database, so that an older one can name the one to use.

CREATE TABLE releases (
  schema_version INTEGER NOT NULL PRIMARY KEY, -- the newest migration after the change
  release TEXT NOT NULL, -- version of the program that made it
  migrated_at INTEGER NOT NULL -- ms since 1970 UTC
) STRICT;
