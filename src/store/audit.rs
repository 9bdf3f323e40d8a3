//! The audit trail: rows that are chained by their digests, its two ends sealed, checkpoints signed.
//!
//! Never changes a row, and takes rows away only from the beginning.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row};

use super::columns::{Place, instant, value, word};
use super::{Keys, Read, StoreError, Write};
use crate::crypto::digest::sha256;
use crate::crypto::ed25519::SigningKey;
use crate::crypto::keyring::{Keyring, Purpose};
use crate::crypto::signature::{Algorithm, AnyHmacKey};
use crate::domain::access::BusinessId;
use crate::domain::audit::{Ended, Entry};
use crate::domain::page::{Limit, Page};

/// The digest before the first row.
const NOTHING: [u8; 32] = [0; 32];

/// What seals the ends of the trail and signs its checkpoints.
pub struct Seals {
    key: u32,
    heads: Vec<(u32, AnyHmacKey)>,
    signer: SigningKey,
    signers: Vec<(u32, SigningKey)>,
}

impl Seals {
    /// The seals of a ring of master keys.
    pub fn new(ring: &Keyring) -> Self {
        let derived =
            |purpose| ring.ids().filter_map(move |id| Some((id, ring.derive(id, purpose)?)));
        let heads = derived(Purpose::AuditHead).map(|(id, key)| (id, Algorithm::Sha256.key(&key)));
        let signer =
            |key: [u8; 32]| SigningKey::from_seed(&key).expect("any 32 bytes are an Ed25519 seed");
        Self {
            key: ring.current(),
            heads: heads.collect(),
            signer: signer(ring.derive_current(Purpose::AuditCheckpoint)),
            signers: derived(Purpose::AuditCheckpoint).map(|(id, key)| (id, signer(key))).collect(),
        }
    }

    /// The public key that recognises new checkpoints.
    fn public_key(&self) -> [u8; 32] {
        self.signer.verifying_key().bytes()
    }

    fn seal(&self, which: &str, end: &End) -> Vec<u8> {
        let key = self.heads.iter().find(|(id, _)| *id == self.key).map(|(_, key)| key);
        let key = key.expect("the current key is in its ring");
        key.sign(&[which.as_bytes(), &end.seq.to_be_bytes(), &end.hash])
    }

    fn verifies(&self, which: &str, end: &End, (id, seal): (u32, &[u8])) -> bool {
        let key = self.heads.iter().find(|(known, _)| *known == id);
        let parts: [&[u8]; 3] = [which.as_bytes(), &end.seq.to_be_bytes(), &end.hash];
        key.is_some_and(|(_, key)| key.verifies(&parts, seal))
    }

    fn signed(checkpoint: &Checkpoint) -> Vec<u8> {
        let (seq, at) = (checkpoint.end.seq.to_be_bytes(), checkpoint.at_ms.to_be_bytes());
        [&b"frontdesk audit checkpoint"[..], &seq, &at, &checkpoint.end.hash].concat()
    }

    fn recognises(&self, checkpoint: &Checkpoint, id: u32, signature: &[u8]) -> bool {
        let signer = self.signers.iter().find(|(known, _)| *known == id);
        let message = Self::signed(checkpoint);
        signer.is_some_and(|(_, key)| key.verifying_key().verifies(&message, signature))
    }
}

/// The public key that recognises new checkpoints.
pub fn public_key(keys: &Keys) -> [u8; 32] {
    keys.seals.public_key()
}

/// A row of the trail by its number and digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct End {
    seq: i64,
    hash: [u8; 32],
}

struct Checkpoint {
    end: End,
    at_ms: i64,
}

/// A row as it is kept.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its number.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// What kind of hand.
    pub actor: String,
    /// Which one.
    pub actor_id: String,
    /// What.
    pub action: String,
    /// To which thing.
    pub object_id: String,
    /// From where.
    pub address: String,
    /// How it ended.
    pub ended: Ended,
    /// Why it was refused.
    pub reason: String,
    /// How often.
    pub many: i64,
}

/// Which rows are wanted.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this action; all when empty.
    pub action: String,
    /// Only this hand, by its id; all when empty.
    pub actor_id: String,
    /// Only what ended so.
    pub ended: Option<Ended>,
    /// Not before, ms since 1970 UTC.
    pub from_ms: Option<i64>,
    /// Before, ms since 1970 UTC.
    pub until_ms: Option<i64>,
    /// Only rows with a smaller number.
    pub before: Option<i64>,
}

/// Adds a row after the last one.
pub fn append(write: &mut Write<'_>, entry: &Entry) -> Result<(), StoreError> {
    let last = end(write, "head")?.unwrap_or(End { seq: 0, hash: NOTHING });
    let business = entry.business.map(|business| business.uuid());
    let address = entry.address.map_or_else(String::new, |address| address.to_string());
    let (seq, actor_id) = (last.seq + 1, entry.who.id());
    let row = Chained {
        seq,
        at: entry.at.as_millisecond(),
        business: business.map(|id| *id.as_bytes()),
        texts: [
            entry.who.word(),
            &actor_id,
            &entry.action,
            &entry.object,
            &address,
            entry.ended.word(),
            &entry.reason,
        ],
        many: i64::from(entry.many),
    };
    let next = End { seq, hash: row.hash(&last.hash) };
    let [actor, actor_id, action, object, address, result, reason] = row.texts;
    write
        .conn
        .prepare_cached(
            "INSERT INTO audit_log
               (seq, at, business_id, actor, actor_id, action, object_id, address, result, reason,
                many, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?
        .execute(rusqlite::params![
            seq, row.at, business, actor, actor_id, action, object, address, result, reason,
            row.many, next.hash
        ])?;
    put_end(write, "head", &next)
}

/// A page of a business's rows, the newest first.
pub fn list(
    read: &Read<'_>,
    business: BusinessId,
    filter: &Filter,
    limit: Limit,
) -> Result<Page<Kept>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT seq, at, actor, actor_id, action, object_id, address, result, reason, many
         FROM audit_log
         WHERE business_id = ?1 AND seq < ?2
           AND (?3 = '' OR action = ?3) AND (?4 = '' OR actor_id = ?4)
           AND (?5 = '' OR result = ?5) AND at >= ?6 AND at < ?7
         ORDER BY seq DESC
         LIMIT ?8",
    )?;
    let rows = statement.query_and_then(
        rusqlite::params![
            business.uuid(),
            filter.before.unwrap_or(i64::MAX),
            filter.action,
            filter.actor_id,
            filter.ended.map_or("", Ended::word),
            filter.from_ms.unwrap_or(i64::MIN),
            filter.until_ms.unwrap_or(i64::MAX),
            limit.rows() + 1,
        ],
        kept,
    )?;
    Ok(Page::cut(rows.collect::<Result<_, _>>()?, limit))
}

/// The newest rows of the whole installation, at most `most`.
pub fn newest(read: &Read<'_>, most: u32) -> Result<Vec<Kept>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT seq, at, actor, actor_id, action, object_id, address, result, reason, many
         FROM audit_log
         WHERE seq > 0
         ORDER BY seq DESC
         LIMIT ?1",
    )?;
    let rows = statement.query_and_then([most], kept)?;
    rows.collect()
}

/// Signs where the trail stands, unless it has not grown since.
pub fn checkpoint(write: &mut Write<'_>, now: Timestamp) -> Result<(), StoreError> {
    let Some(end) = end(write, "head")? else { return Ok(()) };
    let checkpoint = Checkpoint { end, at_ms: now.as_millisecond() };
    let signature = write.keys.seals.signer.sign(&Seals::signed(&checkpoint));
    write
        .conn
        .prepare_cached(
            "INSERT INTO audit_checkpoints (seq, at, hash, key_id, signature)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (seq) DO NOTHING",
        )?
        .execute((end.seq, checkpoint.at_ms, end.hash, write.keys.seals.key, signature))?;
    Ok(())
}

/// Takes away rows from before a moment, at most `most`, from the beginning on. Returns how many.
pub fn purge(write: &mut Write<'_>, before: Timestamp, most: u32) -> Result<usize, StoreError> {
    let begin = end(write, "begin")?.map_or(0, |end| end.seq);
    let mut old: Option<End> = None;
    {
        let mut statement = write.conn.prepare_cached(
            "SELECT seq, at, hash FROM audit_log WHERE seq > ?1 ORDER BY seq LIMIT ?2",
        )?;
        let mut rows = statement.query((begin, most))?;
        while let Some(row) = rows.next()? {
            let at: i64 = value(row, 1)?;
            if at >= before.as_millisecond() {
                break;
            }
            old = Some(End { seq: value(row, 0)?, hash: value(row, 2)? });
        }
    }
    let Some(old) = old else { return Ok(0) };
    put_end(write, "begin", &old)?;
    write
        .conn
        .prepare_cached("DELETE FROM audit_checkpoints WHERE seq < ?1")?
        .execute([old.seq])?;
    Ok(write.conn.prepare_cached("DELETE FROM audit_log WHERE seq <= ?1")?.execute([old.seq])?)
}

/// What is wrong with the trail, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The number of the row at which it shows.
    pub seq: i64,
    /// What shows there.
    pub what: &'static str,
}

/// What a look at the whole trail found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Rows that were looked at.
    pub rows: u64,
    /// The number before the first row.
    pub begins_after: i64,
    /// Checkpoints that fit.
    pub checkpoints: u64,
    /// The digest of the last row that fits.
    pub last_hash: [u8; 32],
    /// The first thing that is wrong, if anything is.
    pub broken: Option<Broken>,
}

/// Looks at every row, at both ends and at every checkpoint.
pub fn verify(read: &Read<'_>, keys: &Keys) -> Result<Verdict, StoreError> {
    let seals = &keys.seals;
    let begin = sealed(read, seals, "begin")?;
    let head = sealed(read, seals, "head")?;
    let mut at = begin.as_ref().map_or(End { seq: 0, hash: NOTHING }, |(end, _)| *end);
    let mut verdict =
        Verdict { rows: 0, begins_after: at.seq, checkpoints: 0, last_hash: at.hash, broken: None };
    if let Some((end, false)) = begin {
        let what = "the beginning of the trail is not sealed by this installation";
        verdict.broken = Some(Broken { seq: end.seq, what });
        return Ok(verdict);
    }
    let mut checkpoints = checkpoints(read, seals)?.into_iter().peekable();
    let mut statement = read.conn.prepare_cached(
        "SELECT seq, at, business_id, actor, actor_id, action, object_id, address, result, reason,
                many, hash
         FROM audit_log
         ORDER BY seq",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (seq, hash) = rehashed(row, &at.hash)?;
        let kept: [u8; 32] = value(row, 11)?;
        let what = if seq <= at.seq {
            Some("a row stands before the beginning of the trail")
        } else if seq != at.seq + 1 {
            Some("rows before this one are missing")
        } else if hash != kept {
            Some("this row was changed, or is not the one that was written here")
        } else {
            None
        };
        if let Some(what) = what {
            verdict.broken = Some(Broken { seq, what });
            return Ok(verdict);
        }
        at = End { seq, hash: kept };
        while let Some((end, fits)) = checkpoints.next_if(|(end, _)| end.seq <= seq) {
            if !fits || (end.seq == seq && end.hash != kept) {
                let what = "the rows up to here are not those of the signed checkpoint";
                verdict.broken = Some(Broken { seq: end.seq, what });
                return Ok(verdict);
            }
            verdict.checkpoints += 1;
        }
        verdict.rows += 1;
        verdict.last_hash = kept;
    }
    verdict.broken = wrong_end(at, head, checkpoints.peek().map(|(end, _)| *end));
    Ok(verdict)
}

/// What is wrong where the rows end, if anything is.
fn wrong_end(at: End, head: Option<(End, bool)>, later: Option<End>) -> Option<Broken> {
    let what = match (head, later) {
        (_, Some(_)) => "rows after this one are missing: a signed checkpoint knows of them",
        (None, None) if at.seq == 0 => return None,
        (None, None) => "the end of the trail is not sealed",
        (Some((_, false)), None) => "the end of the trail is not sealed by this installation",
        (Some((head, true)), None) if head.seq > at.seq => "rows after this one are missing",
        (Some((head, true)), None) if head.seq < at.seq => "rows up to this one were added",
        (Some((head, true)), None) if head.hash != at.hash => "rows up to here were written anew",
        (Some(_), None) => return None,
    };
    Some(Broken { seq: at.seq, what })
}

fn sealed(
    read: &Read<'_>,
    seals: &Seals,
    which: &'static str,
) -> Result<Option<(End, bool)>, StoreError> {
    let mut statement = read
        .conn
        .prepare_cached("SELECT seq, hash, key_id, seal FROM audit_ends WHERE which = ?1")?;
    let mut rows = statement.query([which])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let end = End { seq: value(row, 0)?, hash: value(row, 1)? };
    let (id, seal): (u32, Vec<u8>) = (value(row, 2)?, value(row, 3)?);
    Ok(Some((end, seals.verifies(which, &end, (id, &seal)))))
}

fn checkpoints(read: &Read<'_>, seals: &Seals) -> Result<Vec<(End, bool)>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT seq, at, hash, key_id, signature FROM audit_checkpoints ORDER BY seq",
    )?;
    let rows = statement.query_and_then([], |row| {
        let end = End { seq: value(row, 0)?, hash: value(row, 2)? };
        let checkpoint = Checkpoint { end, at_ms: value(row, 1)? };
        let (id, signature): (u32, Vec<u8>) = (value(row, 3)?, value(row, 4)?);
        Ok((end, seals.recognises(&checkpoint, id, &signature)))
    })?;
    rows.collect()
}

fn end(read: &Read<'_>, which: &'static str) -> Result<Option<End>, StoreError> {
    let mut statement =
        read.conn.prepare_cached("SELECT seq, hash FROM audit_ends WHERE which = ?1")?;
    let found = statement.query_row([which], |row| Ok(End { seq: row.get(0)?, hash: row.get(1)? }));
    Ok(found.optional()?)
}

fn put_end(write: &mut Write<'_>, which: &'static str, end: &End) -> Result<(), StoreError> {
    let seal = write.keys.seals.seal(which, end);
    write
        .conn
        .prepare_cached(
            "INSERT INTO audit_ends (which, seq, hash, key_id, seal)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (which) DO UPDATE SET seq = ?2, hash = ?3, key_id = ?4, seal = ?5",
        )?
        .execute((which, end.seq, end.hash, write.keys.seals.key, seal))?;
    Ok(())
}

/// What the digest of a row is made of.
struct Chained<'a> {
    seq: i64,
    at: i64,
    business: Option<[u8; 16]>,
    texts: [&'a str; 7],
    many: i64,
}

impl Chained<'_> {
    /// SHA-256 of the digest before and of every column, each text with its length before it.
    fn hash(&self, before: &[u8; 32]) -> [u8; 32] {
        let mut all = before.to_vec();
        all.extend(self.seq.to_be_bytes());
        all.extend(self.at.to_be_bytes());
        all.push(u8::from(self.business.is_some()));
        all.extend(self.business.unwrap_or_default());
        for text in self.texts {
            all.extend((text.len() as u64).to_be_bytes());
            all.extend(text.as_bytes());
        }
        all.extend(self.many.to_be_bytes());
        sha256(&[&all])
    }
}

/// The number of a row, and its digest as it must be.
fn rehashed(row: &Row<'_>, before: &[u8; 32]) -> Result<(i64, [u8; 32]), StoreError> {
    let mut texts: [String; 7] = Default::default();
    for (index, text) in texts.iter_mut().enumerate() {
        *text = value(row, index + 3)?;
    }
    let [a, b, c, d, e, f, g] = &texts;
    let business: Option<[u8; 16]> = value(row, 2)?;
    let chained = Chained {
        seq: value(row, 0)?,
        at: value(row, 1)?,
        business,
        texts: [a, b, c, d, e, f, g],
        many: value(row, 10)?,
    };
    Ok((chained.seq, chained.hash(before)))
}

fn kept(row: &Row<'_>) -> Result<Kept, StoreError> {
    Ok(Kept {
        seq: value(row, 0)?,
        at: instant(row, 1, Place("audit_log", "at"))?,
        actor: value(row, 2)?,
        actor_id: value(row, 3)?,
        action: value(row, 4)?,
        object_id: value(row, 5)?,
        address: value(row, 6)?,
        ended: word(row, 7, (&Ended::ALL, Ended::word), Place("audit_log", "result"))?,
        reason: value(row, 8)?,
        many: value(row, 9)?,
    })
}
