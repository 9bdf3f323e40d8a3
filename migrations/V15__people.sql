-- Users, what they may do in which business, their sessions, and links that work once.

CREATE TABLE users (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), -- UUIDv7
  email TEXT NOT NULL UNIQUE CHECK (email <> ''), -- lower case
  name TEXT NOT NULL, -- how others see them; may be empty
  password TEXT NOT NULL, -- argon2id in PHC format; empty until one is chosen
  is_operator INTEGER NOT NULL DEFAULT 0 CHECK (is_operator IN (0, 1)), -- 1: every business, and the installation
  is_disabled INTEGER NOT NULL DEFAULT 0 CHECK (is_disabled IN (0, 1)), -- 1: may not log in, and no session counts
  totp BLOB, -- sealed secret of the authenticator app; NULL without one
  totp_is_on INTEGER NOT NULL DEFAULT 0 CHECK (totp_is_on IN (0, 1)), -- 1 once a code of it was shown
  totp_step INTEGER, -- the last step whose code was used; NULL before the first
  password_set_at INTEGER, -- ms since 1970 UTC; NULL until one is chosen
  created_at INTEGER NOT NULL, -- ms since 1970 UTC
  updated_at INTEGER NOT NULL -- ms since 1970 UTC, kept by a trigger
) STRICT, WITHOUT ROWID;

CREATE TRIGGER users_updated_at AFTER UPDATE ON users
WHEN NEW.updated_at = OLD.updated_at
BEGIN
  UPDATE users
  SET updated_at = max(OLD.updated_at + 1, CAST(unixepoch('subsec') * 1000 AS INTEGER))
  WHERE id = NEW.id;
END;

CREATE TABLE memberships (
  user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE, -- who
  business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE CASCADE, -- of which business
  role TEXT NOT NULL CHECK (role = 'owner' OR role = 'manager' OR role = 'viewer' OR role = 'auditor'), -- what they may do
  state TEXT NOT NULL CHECK (state = 'invited' OR state = 'active' OR state = 'suspended'), -- only active ones count
  created_at INTEGER NOT NULL, -- ms since 1970 UTC
  updated_at INTEGER NOT NULL, -- ms since 1970 UTC, kept by a trigger
  PRIMARY KEY (user_id, business_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_of_business ON memberships (business_id, created_at, user_id);

CREATE TRIGGER memberships_updated_at AFTER UPDATE ON memberships
WHEN NEW.updated_at = OLD.updated_at
BEGIN
  UPDATE memberships
  SET updated_at = max(OLD.updated_at + 1, CAST(unixepoch('subsec') * 1000 AS INTEGER))
  WHERE user_id = NEW.user_id AND business_id = NEW.business_id;
END;

CREATE TABLE links (
  sha256 BLOB NOT NULL PRIMARY KEY CHECK (length(sha256) = 32), -- digest of the secret in the link
  kind TEXT NOT NULL CHECK (kind = 'setup' OR kind = 'invite' OR kind = 'reset'), -- what it is good for
  user_id BLOB REFERENCES users (id) ON DELETE CASCADE, -- for whom; NULL for the first user's
  created_at INTEGER NOT NULL, -- ms since 1970 UTC
  expires_at INTEGER NOT NULL -- ms since 1970 UTC; gone once it was used
) STRICT, WITHOUT ROWID;
CREATE INDEX links_of_user ON links (user_id);
CREATE INDEX links_expire ON links (expires_at);

CREATE TABLE sessions (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), -- UUIDv7
  user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE, -- whose
  kind TEXT NOT NULL CHECK (kind = 'browser' OR kind = 'api'), -- by a cookie, or by tokens
  secret_sha256 BLOB NOT NULL UNIQUE CHECK (length(secret_sha256) = 32), -- digest of the cookie or of the newest refresh token
  address TEXT NOT NULL, -- from where it began: an IP address
  agent TEXT NOT NULL, -- what the client calls itself, cut short
  created_at INTEGER NOT NULL, -- ms since 1970 UTC
  used_at INTEGER NOT NULL, -- ms since 1970 UTC, to the minute
  idle_ends_at INTEGER NOT NULL, -- ms since 1970 UTC; moves on with each use, never past ends_at
  ends_at INTEGER NOT NULL -- ms since 1970 UTC; whatever is done
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_of_user ON sessions (user_id, created_at);
CREATE INDEX sessions_end ON sessions (idle_ends_at);

-- Refresh tokens that were spent. One that comes back ends its session.
CREATE TABLE spent_tokens (
  sha256 BLOB NOT NULL PRIMARY KEY CHECK (length(sha256) = 32), -- digest of the token
  session_id BLOB NOT NULL REFERENCES sessions (id) ON DELETE CASCADE, -- of which session
  spent_at INTEGER NOT NULL -- ms since 1970 UTC
) STRICT, WITHOUT ROWID;
CREATE INDEX spent_tokens_of_session ON spent_tokens (session_id);

CREATE TABLE recovery_codes (
  user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE, -- whose
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32), -- digest of the code; gone once it was used
  PRIMARY KEY (user_id, sha256)
) STRICT, WITHOUT ROWID;

-- Tries that are limited across restarts: of logging in, of registering, of asking for a reset.
CREATE TABLE tries (
  what TEXT NOT NULL, -- which limit
  who BLOB NOT NULL CHECK (length(who) = 32), -- digest of the address or the user it is counted for
  taken INTEGER NOT NULL CHECK (taken > 0), -- tries in this window
  begun_at INTEGER NOT NULL, -- ms since 1970 UTC; when the window began
  PRIMARY KEY (what, who)
) STRICT, WITHOUT ROWID;
CREATE INDEX tries_begun ON tries (begun_at);

-- A user may be the hand that changed an appointment.
CREATE TABLE appointment_changes_next (
  id INTEGER NOT NULL PRIMARY KEY, -- grows with time
  appointment_id BLOB NOT NULL REFERENCES appointments (id) ON DELETE CASCADE, -- what changed
  business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE RESTRICT, -- whose appointment
  kind TEXT NOT NULL CHECK (kind = 'held' OR kind = 'booked' OR kind = 'confirmed' OR kind = 'moved' OR kind = 'corrected' OR kind = 'cancelled' OR kind = 'completed' OR kind = 'no_show'), -- what was done
  actor TEXT NOT NULL CHECK (actor = 'call' OR actor = 'key' OR actor = 'user' OR actor = 'operator'), -- what kind of hand did it
  actor_id BLOB CHECK (length(actor_id) = 16), -- the call, the key or the user; NULL for whoever runs commands
  from_status TEXT NOT NULL, -- before; empty when it was made
  from_starts_at INTEGER, -- ms since 1970 UTC, before; NULL when it was made
  from_staff_id BLOB, -- before; NULL when nobody or when it was made
  to_status TEXT NOT NULL, -- after
  to_starts_at INTEGER NOT NULL, -- ms since 1970 UTC, after
  to_staff_id BLOB, -- after; NULL when nobody
  changed_at INTEGER NOT NULL -- ms since 1970 UTC
) STRICT;

INSERT INTO appointment_changes_next
  (id, appointment_id, business_id, kind, actor, actor_id, from_status, from_starts_at,
   from_staff_id, to_status, to_starts_at, to_staff_id, changed_at)
SELECT id, appointment_id, business_id, kind, actor, actor_id, from_status, from_starts_at,
       from_staff_id, to_status, to_starts_at, to_staff_id, changed_at
FROM appointment_changes;

DROP TABLE appointment_changes;
ALTER TABLE appointment_changes_next RENAME TO appointment_changes;
CREATE INDEX appointment_changes_of_appointment ON appointment_changes (appointment_id, id);
