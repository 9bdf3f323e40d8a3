//! Sessions by the digest of their secret, refresh tokens that were spent, and links that work once.
//!
//! Never holds a secret itself.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row};

use super::columns::{Place, instant, maybe_text, value};
use super::{Read, StoreError, Write, users};
use crate::domain::access::UserGrant;
use crate::domain::ids::{SessionId, UserId};

/// Most sessions of one user; with one more the oldest ends.
pub const SESSIONS_MAX: u32 = 10;

/// How a session proves itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// By a cookie.
    Browser,
    /// By tokens.
    Api,
}

impl Kind {
    /// The word used in the table and in answers.
    pub fn word(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Api => "api",
        }
    }
}

/// A session to be kept.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Its id.
    pub id: SessionId,
    /// Whose.
    pub user: UserId,
    /// How it proves itself.
    pub kind: Kind,
    /// Digest of the cookie or of the refresh token.
    pub sha256: [u8; 32],
    /// From where.
    pub address: String,
    /// What the client calls itself.
    pub agent: String,
    /// When it ends if nothing is done.
    pub idle_ends_at: Timestamp,
    /// When it ends whatever is done.
    pub ends_at: Timestamp,
}

/// A session as it is listed.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its id.
    pub id: SessionId,
    /// How it proves itself, as a word.
    pub kind: String,
    /// From where it began.
    pub address: Option<String>,
    /// What the client calls itself.
    pub agent: Option<String>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub used_at: Timestamp,
    /// When it ends whatever is done.
    pub ends_at: Timestamp,
}

/// Keeps a session; the user's oldest ends when there are too many.
pub fn add(write: &mut Write<'_>, new: &NewSession, now: Timestamp) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "INSERT INTO sessions
               (id, user_id, kind, secret_sha256, address, agent, created_at, used_at,
                idle_ends_at, ends_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9)",
        )?
        .execute((
            new.id.uuid(),
            new.user.uuid(),
            new.kind.word(),
            new.sha256,
            &new.address,
            &new.agent,
            now.as_millisecond(),
            new.idle_ends_at.as_millisecond(),
            new.ends_at.as_millisecond(),
        ))?;
    write
        .conn
        .prepare_cached(
            "DELETE FROM sessions
             WHERE id IN (SELECT id FROM sessions WHERE user_id = ?1
                          ORDER BY created_at DESC, id DESC LIMIT -1 OFFSET ?2)",
        )?
        .execute((new.user.uuid(), SESSIONS_MAX))?;
    Ok(())
}

/// What a session gives a right to, when it counts at `now` and its user is let in.
pub fn grant(
    read: &Read<'_>,
    session: SessionId,
    now: Timestamp,
) -> Result<Option<UserGrant>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT s.id, u.id, u.is_operator
         FROM sessions s
         JOIN users u ON u.id = s.user_id
         WHERE s.id = ?1 AND s.idle_ends_at > ?2 AND s.ends_at > ?2 AND u.is_disabled = 0",
    )?;
    let found = statement.query_row((session.uuid(), now.as_millisecond()), row_of_grant);
    granted(read, found.optional()?)
}

/// The same by the digest of a cookie.
pub fn grant_by_cookie(
    read: &Read<'_>,
    sha256: &[u8; 32],
    now: Timestamp,
) -> Result<Option<UserGrant>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT s.id, u.id, u.is_operator
         FROM sessions s
         JOIN users u ON u.id = s.user_id
         WHERE s.secret_sha256 = ?1 AND s.kind = 'browser'
           AND s.idle_ends_at > ?2 AND s.ends_at > ?2 AND u.is_disabled = 0",
    )?;
    let found = statement.query_row((sha256, now.as_millisecond()), row_of_grant);
    granted(read, found.optional()?)
}

type GrantRow = (uuid::Uuid, uuid::Uuid, bool);

fn row_of_grant(row: &Row<'_>) -> rusqlite::Result<GrantRow> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

fn granted(read: &Read<'_>, found: Option<GrantRow>) -> Result<Option<UserGrant>, StoreError> {
    let Some((session, user, is_operator)) = found else { return Ok(None) };
    let (user, session) = (UserId::from_uuid(user), SessionId::from_uuid(session));
    let memberships = users::memberships(read, user)?;
    Ok(Some(UserGrant { user, session, is_operator, memberships }))
}

/// What became of a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spent {
    /// It is spent; the session goes on with the new one.
    Renewed(SessionId, UserId),
    /// It had been spent before: the session is ended.
    Reused(UserId),
    /// It is none, or its session is over.
    Unknown,
}

/// Spends a refresh token for a new one, both by their digests.
pub fn renew(
    write: &mut Write<'_>,
    (old, new): (&[u8; 32], &[u8; 32]),
    idle_ends_at: Timestamp,
    now: Timestamp,
) -> Result<Spent, StoreError> {
    let reused = write
        .conn
        .prepare_cached(
            "SELECT s.id, s.user_id
             FROM spent_tokens t
             JOIN sessions s ON s.id = t.session_id
             WHERE t.sha256 = ?1",
        )?
        .query_row([old], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((session, user)) = reused {
        end(write, SessionId::from_uuid(session))?;
        return Ok(Spent::Reused(UserId::from_uuid(user)));
    }
    let found = write
        .conn
        .prepare_cached(
            "SELECT s.id, s.user_id
             FROM sessions s
             JOIN users u ON u.id = s.user_id
             WHERE s.secret_sha256 = ?1 AND s.kind = 'api'
               AND s.idle_ends_at > ?2 AND s.ends_at > ?2 AND u.is_disabled = 0",
        )?
        .query_row((old, now.as_millisecond()), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((session, user)): Option<(uuid::Uuid, uuid::Uuid)> = found else {
        return Ok(Spent::Unknown);
    };
    write
        .conn
        .prepare_cached(
            "INSERT INTO spent_tokens (sha256, session_id, spent_at) VALUES (?1, ?2, ?3)",
        )?
        .execute((old, session, now.as_millisecond()))?;
    write
        .conn
        .prepare_cached(
            "UPDATE sessions SET secret_sha256 = ?2, used_at = ?3, idle_ends_at = min(ends_at, ?4)
             WHERE id = ?1",
        )?
        .execute((session, new, now.as_millisecond(), idle_ends_at.as_millisecond()))?;
    Ok(Spent::Renewed(SessionId::from_uuid(session), UserId::from_uuid(user)))
}

/// A session was used: it ends later when nothing is done.
pub fn used(
    write: &mut Write<'_>,
    session: SessionId,
    (now, idle_ends_at): (Timestamp, Timestamp),
) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "UPDATE sessions SET used_at = ?2, idle_ends_at = min(ends_at, ?3)
             WHERE id = ?1 AND kind = 'browser'",
        )?
        .execute((session.uuid(), now.as_millisecond(), idle_ends_at.as_millisecond()))?;
    Ok(())
}

/// The sessions of a user that are not over, the oldest first.
pub fn list(read: &Read<'_>, user: UserId, now: Timestamp) -> Result<Vec<Listed>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, kind, address, agent, created_at, used_at, ends_at
         FROM sessions
         WHERE user_id = ?1 AND idle_ends_at > ?2 AND ends_at > ?2
         ORDER BY created_at
         LIMIT ?3",
    )?;
    let rows =
        statement.query_and_then((user.uuid(), now.as_millisecond(), SESSIONS_MAX), |row| {
            let at = |index, column| instant(row, index, Place("sessions", column));
            Ok(Listed {
                id: SessionId::from_uuid(value(row, 0)?),
                kind: value(row, 1)?,
                address: maybe_text(row, 2)?,
                agent: maybe_text(row, 3)?,
                created_at: at(4, "created_at")?,
                used_at: at(5, "used_at")?,
                ends_at: at(6, "ends_at")?,
            })
        })?;
    rows.collect()
}

/// Ends a session. `false` when there is none.
pub fn end(write: &mut Write<'_>, session: SessionId) -> Result<bool, StoreError> {
    let mut statement = write.conn.prepare_cached("DELETE FROM sessions WHERE id = ?1")?;
    Ok(statement.execute([session.uuid()])? == 1)
}

/// Ends a session of a user. `false` when it is not theirs.
pub fn end_own(
    write: &mut Write<'_>,
    user: UserId,
    session: SessionId,
) -> Result<bool, StoreError> {
    let mut statement =
        write.conn.prepare_cached("DELETE FROM sessions WHERE id = ?1 AND user_id = ?2")?;
    Ok(statement.execute((session.uuid(), user.uuid()))? == 1)
}

/// Ends every session of a user but one, if one is to stay. Returns how many.
pub fn end_all(
    write: &mut Write<'_>,
    user: UserId,
    but: Option<SessionId>,
) -> Result<usize, StoreError> {
    let mut statement =
        write.conn.prepare_cached("DELETE FROM sessions WHERE user_id = ?1 AND id IS NOT ?2")?;
    Ok(statement.execute((user.uuid(), but.map(SessionId::uuid)))?)
}

/// Takes away sessions that are over, links that ran out and windows of tries that are long past.
pub fn forget(
    write: &mut Write<'_>,
    now: Timestamp,
    tries_before: i64,
) -> Result<usize, StoreError> {
    let now = now.as_millisecond();
    let ended = write
        .conn
        .prepare_cached("DELETE FROM sessions WHERE idle_ends_at <= ?1")?
        .execute([now])?;
    write.conn.prepare_cached("DELETE FROM links WHERE expires_at <= ?1")?.execute([now])?;
    write.conn.prepare_cached("DELETE FROM tries WHERE begun_at < ?1")?.execute([tries_before])?;
    Ok(ended)
}
