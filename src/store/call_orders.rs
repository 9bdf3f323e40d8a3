//! Calls that we were asked to place: written before anything is dialled.
//!
//! Never says that a call was placed before its provider has named it.

use jiff::Timestamp;

use super::columns::{Place, instant, maybe_instant, value, word};
use super::{Read, StoreError, Write};
use crate::domain::ids::{BusinessRef, CallId, OrderId};
use crate::domain::order::{CallOrder, OrderState};
use crate::domain::phone::PhoneNumber;

/// Adds an order; its call is there already.
pub fn add(write: &mut Write<'_>, order: &CallOrder) -> Result<(), StoreError> {
    let variables = serde_json::to_string(&order.variables)
        .map_err(|error| StoreError::Statement(format!("variables cannot be written: {error}")))?;
    write
        .conn
        .prepare_cached(
            "INSERT INTO call_orders
               (id, business_id, call_id, account, provider_agent_id, from_number, to_number,
                variables, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute((
            order.id.uuid(),
            order.business.uuid(),
            order.call.uuid(),
            &order.account,
            &order.agent,
            order.from.as_str(),
            order.to.as_str(),
            variables,
            order.created_at.as_millisecond(),
        ))?;
    Ok(())
}

/// One order, for whoever carries it out.
pub fn find(read: &Read<'_>, id: OrderId) -> Result<Option<CallOrder>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT business_id, call_id, account, provider_agent_id, from_number, to_number, variables,
                state, dialled_at, created_at
         FROM call_orders
         WHERE id = ?1",
    )?;
    let mut rows = statement.query([id.uuid()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let place = |column| Place("call_orders", column);
    let number = |index, column| {
        let text: String = value(row, index)?;
        PhoneNumber::parse(&text).map_err(|_| place(column).fault("is no number"))
    };
    let variables: String = value(row, 6)?;
    Ok(Some(CallOrder {
        id,
        business: BusinessRef::from_uuid(value(row, 0)?),
        call: CallId::from_uuid(value(row, 1)?),
        account: value(row, 2)?,
        agent: value(row, 3)?,
        from: number(4, "from_number")?,
        to: number(5, "to_number")?,
        variables: serde_json::from_str(&variables)
            .map_err(|_| place("variables").fault("cannot be read"))?,
        state: word(row, 7, (&OrderState::ALL, OrderState::word), place("state"))?,
        dialled_at: maybe_instant(row, 8, place("dialled_at"))?,
        created_at: instant(row, 9, place("created_at"))?,
    }))
}

/// Notes where an order stands. The first time that it is dialled stays.
pub fn set_state(
    write: &mut Write<'_>,
    id: OrderId,
    (state, failure): (OrderState, &str),
    dialled_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "UPDATE call_orders
             SET state = ?2, failure = ?3, dialled_at = coalesce(dialled_at, ?4)
             WHERE id = ?1",
        )?
        .execute((id.uuid(), state.word(), failure, dialled_at.map(Timestamp::as_millisecond)))?;
    Ok(())
}
