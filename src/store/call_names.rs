//! Every name that a call goes by, and two rows that turn out to be one call.
//!
//! Never guesses: names are the provider's or ours.

use super::{Read, StoreError, Write};
use crate::domain::access::BusinessId;
use crate::domain::ids::CallId;

/// Notes another name of a call. The first call to have a name keeps it.
pub fn add(
    write: &mut Write<'_>,
    account: &str,
    name: &str,
    call: CallId,
) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "INSERT INTO call_names (account, name, call_id)
             VALUES (?1, ?2, ?3)
             ON CONFLICT (account, name) DO NOTHING",
        )?
        .execute((account, name, call.uuid()))?;
    Ok(())
}

/// The other names of a call of a business.
pub fn all(read: &Read<'_>, business: BusinessId, call: CallId) -> Result<Vec<String>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT n.name
         FROM call_names n
         JOIN calls c ON c.id = n.call_id
         WHERE n.call_id = ?1 AND c.business_id = ?2",
    )?;
    let rows = statement.query_map((call.uuid(), business.uuid()), |row| row.get(0))?;
    rows.map(|row| row.map_err(StoreError::from)).collect()
}

/// Gives everything of one row to another that is the same call, and removes the first.
/// `takes_turns`: what was said is better known to the row that goes.
pub fn merge(
    write: &mut Write<'_>,
    (into, from): (CallId, CallId),
    takes_turns: bool,
) -> Result<(), StoreError> {
    let both = (into.uuid(), from.uuid());
    // What cannot go over because its like is there already goes with the row that is given up.
    let children = [
        "UPDATE OR IGNORE call_events SET call_id = ?1 WHERE call_id = ?2",
        "UPDATE OR IGNORE tool_calls SET call_id = ?1 WHERE call_id = ?2",
        "UPDATE OR IGNORE offers SET call_id = ?1 WHERE call_id = ?2",
        "UPDATE OR IGNORE call_orders SET call_id = ?1 WHERE call_id = ?2",
        // Of two recordings the one whose audio is here stays.
        "DELETE FROM recordings WHERE call_id = ?1 AND key = ''
           AND EXISTS (SELECT 1 FROM recordings o WHERE o.call_id = ?2 AND o.key <> '')",
        "UPDATE OR IGNORE recordings SET call_id = ?1,
           business_id = (SELECT business_id FROM calls WHERE id = ?1) WHERE call_id = ?2",
        "UPDATE OR IGNORE call_names SET call_id = ?1 WHERE call_id = ?2",
        "UPDATE appointments SET call_id = ?1 WHERE call_id = ?2",
        "UPDATE messages SET call_id = ?1 WHERE call_id = ?2",
        "UPDATE waiting_entries SET call_id = ?1 WHERE call_id = ?2",
    ];
    for child in children {
        write.conn.prepare_cached(child)?.execute(both)?;
    }
    if takes_turns {
        let old = "DELETE FROM transcript_turns WHERE call_id = ?1";
        write.conn.prepare_cached(old)?.execute([into.uuid()])?;
        let over = "UPDATE transcript_turns SET call_id = ?1 WHERE call_id = ?2";
        write.conn.prepare_cached(over)?.execute(both)?;
    }
    let marks = "UPDATE calls
         SET property_id = coalesce(property_id, (SELECT property_id FROM calls WHERE id = ?2)),
             is_test = max(is_test, (SELECT is_test FROM calls WHERE id = ?2))
         WHERE id = ?1";
    write.conn.prepare_cached(marks)?.execute(both)?;
    write.conn.prepare_cached("DELETE FROM calls WHERE id = ?1")?.execute([from.uuid()])?;
    Ok(())
}
