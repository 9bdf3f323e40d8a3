//! Values, rules and state machines of the front desk.
//!
//! Never does I/O, never reads a clock or a random source, never waits: `now` and random bytes are
//! arguments, and every rule is a plain function of its inputs.

pub mod access;
pub mod answer;
pub mod appointment;
pub mod audit;
pub mod breaker;
pub mod bucket;
pub mod business;
pub mod byte_range;
pub mod call;
pub mod contact;
pub mod customer;
pub mod event;
pub mod ids;
pub mod job;
pub mod language;
pub mod network;
pub mod order;
pub mod page;
pub mod parameters;
pub mod password;
pub mod phone;
pub mod privacy;
pub mod property;
pub mod recording;
pub mod retry;
pub mod say;
pub mod scheduling;
pub mod speech;
pub mod tool;
pub mod transcript;
pub mod waiting;
pub mod watch;
pub mod welcome;
pub mod when;
