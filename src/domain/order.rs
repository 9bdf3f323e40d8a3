//! A call that we were asked to place, and what to do about it next.
//!
//! Whoever dials may die at any moment: what is done next follows from what was written before.
//! Never dials a second time where the first may have reached the provider and it would not know.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::ids::{BusinessRef, CallId, OrderId};
use super::phone::PhoneNumber;

/// Seconds after which an order that no provider answered for is given up.
pub const GIVE_UP_S: i64 = 600;
/// Most variables of an order, and most characters of a name and of a text.
pub const VARIABLES_MAX: usize = 32;
/// Most characters of a variable's name.
pub const VARIABLE_NAME_MAX: usize = 64;
/// Most characters of a variable's text.
pub const VARIABLE_TEXT_MAX: usize = 1_000;

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderState {
    /// Written down; the provider has not heard of it.
    Initiated,
    /// The provider may have it.
    Dialling,
    /// The provider has it and has named the call.
    Placed,
    /// It comes to nothing.
    Failed,
}

impl OrderState {
    /// Every state there is.
    pub const ALL: [Self; 4] = [Self::Initiated, Self::Dialling, Self::Placed, Self::Failed];

    /// The word used in the table.
    pub fn word(self) -> &'static str {
        match self {
            Self::Initiated => "initiated",
            Self::Dialling => "dialling",
            Self::Placed => "placed",
            Self::Failed => "failed",
        }
    }
}

/// A call to be placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallOrder {
    /// Which.
    pub id: OrderId,
    /// Who calls.
    pub business: BusinessRef,
    /// The call that it makes.
    pub call: CallId,
    /// Name of the voice account.
    pub account: String,
    /// The provider's id of the agent that talks; empty where the provider has none.
    pub agent: String,
    /// The number that calls.
    pub from: PhoneNumber,
    /// The number that is called.
    pub to: PhoneNumber,
    /// What the agent is told, at most [`VARIABLES_MAX`].
    pub variables: BTreeMap<String, String>,
    /// Where it stands.
    pub state: OrderState,
    /// When it was dialled first.
    pub dialled_at: Option<Timestamp>,
    /// When it was ordered.
    pub created_at: Timestamp,
}

/// What is to be done about an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Dial; the provider recognises the order should it have it already.
    Dial,
    /// Ask the provider whether it has it.
    LookUp,
    /// Nothing more can be found out: give it up.
    GiveUp,
    /// Nothing: it is settled.
    Done,
}

impl CallOrder {
    /// Our name for the order at the provider.
    pub fn name(&self) -> String {
        format!("frontdesk-{}", self.id)
    }

    /// The same in 35 letters, for providers that take at most 40.
    pub fn short_name(&self) -> String {
        format!("fd-{}", self.id.uuid().simple())
    }

    /// What is to be done at a moment. `remembered_s`: for how long the provider recognises it.
    pub fn step(&self, now: Timestamp, remembered_s: u32) -> Step {
        let waited_s = now.duration_since(self.created_at).as_secs();
        let dialled_s = self.dialled_at.map_or(0, |at| now.duration_since(at).as_secs());
        match self.state {
            OrderState::Placed | OrderState::Failed => Step::Done,
            OrderState::Initiated if waited_s < GIVE_UP_S => Step::Dial,
            OrderState::Dialling if dialled_s < i64::from(remembered_s) => Step::Dial,
            OrderState::Dialling if dialled_s < GIVE_UP_S => Step::LookUp,
            OrderState::Initiated | OrderState::Dialling => Step::GiveUp,
        }
    }
}

/// Whether a number may be called: it begins with one of the prefixes. No prefix, no call.
pub fn may_call(prefixes: &[String], number: &PhoneNumber) -> bool {
    prefixes.iter().any(|prefix| number.as_str().starts_with(prefix.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_767_225_600 + seconds).expect("in range")
    }

    fn order(state: OrderState, dialled: Option<i64>) -> CallOrder {
        let number = |text| PhoneNumber::parse(text).expect("a number");
        CallOrder {
            id: OrderId::new(at(0), [7; 10]),
            business: BusinessRef::new(at(0), [1; 10]),
            call: CallId::new(at(0), [2; 10]),
            account: "retell".to_owned(),
            agent: "agent_1".to_owned(),
            from: number("+12025550100"),
            to: number("+12025550142"),
            variables: BTreeMap::new(),
            state,
            dialled_at: dialled.map(at),
            created_at: at(0),
        }
    }

    #[test]
    fn a_second_time_is_dialled_only_where_the_provider_recognises_it() {
        let cases = [
            (OrderState::Initiated, None, 5, 0, Step::Dial),
            (OrderState::Initiated, None, GIVE_UP_S, 0, Step::GiveUp),
            (OrderState::Dialling, Some(0), 59, 60, Step::Dial),
            (OrderState::Dialling, Some(0), 60, 60, Step::LookUp),
            (OrderState::Dialling, Some(0), 1, 0, Step::LookUp),
            (OrderState::Dialling, Some(0), GIVE_UP_S - 1, 0, Step::LookUp),
            (OrderState::Dialling, Some(0), GIVE_UP_S, 0, Step::GiveUp),
            (OrderState::Dialling, Some(0), 700, 3_540, Step::Dial),
            (OrderState::Placed, Some(0), 1, 60, Step::Done),
            (OrderState::Failed, None, 1, 60, Step::Done),
        ];
        for (state, dialled, now, remembered, step) in cases {
            assert_eq!(order(state, dialled).step(at(now), remembered), step, "{state:?} {now}");
        }
    }

    #[test]
    fn the_names_fit_the_providers_and_are_the_same_each_time() {
        let order = order(OrderState::Initiated, None);
        assert_eq!((order.name().len(), order.short_name().len()), (46, 35));
        assert_eq!(order.name(), order.clone().name());
    }

    #[test]
    fn without_a_prefix_nobody_may_be_called() {
        let number = PhoneNumber::parse("+4930123456").expect("a number");
        let prefixes = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        assert!(!may_call(&[], &number));
        assert!(!may_call(&prefixes(&["+1", "+44"]), &number));
        assert!(may_call(&prefixes(&["+1", "+49"]), &number));
        assert!(!may_call(&prefixes(&["+490"]), &number));
    }
}
