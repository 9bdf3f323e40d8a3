//! When something can be booked: spans of time, opening hours, booking rules and the free slots
//! that follow from them; and which change of the book is allowed.
//!
//! Never stores anything, and never asks what time it is: `now` is an argument.

mod board;
pub mod book;
pub mod choice;
pub mod hours;
pub mod interval;
pub mod opening;
pub mod rules;
pub mod slots;
pub mod takings;

#[cfg(test)]
mod book_tests;
#[cfg(test)]
mod scene;
#[cfg(test)]
mod slots_tests;
