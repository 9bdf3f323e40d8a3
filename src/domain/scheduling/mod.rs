//! When something can be booked: spans of time, opening hours, booking rules and the free slots
//! that follow from them.
//!
//! Never stores, holds or cancels anything, and never asks what time it is: `now` is an argument.

pub mod hours;
pub mod interval;
pub mod rules;
pub mod slots;

#[cfg(test)]
mod slots_tests;
