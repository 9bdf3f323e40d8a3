//! What callers say of themselves: a number, an address, a name, the digits of a code, read from
//! what a speech recogniser wrote down.
//!
//! All of it is tables and plain rules. Never guesses: what can be read in two ways is refused or
//! marked as mended, so that the caller is asked, and what comes out is valid or is not there.

#[cfg(test)]
mod any_text_tests;
mod digits;
#[cfg(test)]
mod digits_tests;
mod email;
#[cfg(test)]
mod email_tests;
mod heard;
mod mail_words;
mod name;
#[cfg(test)]
mod name_tests;
mod numerals;
mod phone;
#[cfg(test)]
mod phone_tests;
mod spelling;
mod spoken;
mod words;

pub use digits::read_digits;
pub use email::{EmailTrouble, ReadEmail, read_email};
pub use name::{NameLikeness, NameTrouble, may_be_misheard, names_alike, read_name};
pub use phone::{PhoneTrouble, Region, is_assigned, read_phone, warm_up};
