//! Telephone numbers as callers say them, and the countries that they are read in.
//!
//! Never takes a number that its country's plan does not have, and never a country that was neither
//! said nor given.

use rlibphonenumber::{
    NumberLengthType, PHONE_NUMBER_UTIL, ParseError, PhoneNumber as Dialled, PhoneNumberFormat,
    PhoneNumberType, Region as Plan, ValidationError,
};

use super::digits::{Part, TEXT_MAX_BYTES, parts};
use crate::domain::language::Language;
use crate::domain::phone::PhoneNumber;

/// A country by its two letters (ISO 3166-1 alpha-2), in which a number without a country code is
/// read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Region([u8; 2]);

impl Region {
    /// Reads two letters that name a country with a numbering plan.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let letters = <[u8; 2]>::try_from(text.as_bytes()).ok()?;
        let plan = Plan::from_code(text).ok()?;
        PHONE_NUMBER_UTIL.get_country_code_for_region(plan)?;
        Some(Self(letters.map(|letter| letter.to_ascii_uppercase())))
    }

    /// The country that a number belongs to.
    pub fn of(number: &PhoneNumber) -> Option<Self> {
        let dialled = Dialled::parse(number.as_str(), None).ok()?;
        Self::parse(dialled.get_region_code()?.as_region_str().as_str())
    }

    /// Its two letters, in capitals.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("`parse` takes two ASCII letters")
    }

    fn plan(self) -> Plan {
        Plan::from_code(self.code()).expect("`parse` takes the code of a plan")
    }
}

/// Why no telephone number was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneTrouble {
    /// There is no number in it.
    NotNumber,
    /// Too few digits so far.
    TooShort,
    /// More digits than any number has.
    TooLong,
    /// It has no country code, and no region is known.
    NoCountry,
    /// There is no such number.
    Invalid,
}

/// Fewest digits of a whole number, as [`PhoneNumber`] has it.
const DIGITS_MIN: usize = 7;

/// More digits than any number has, with what may be dialled before it.
const DIGITS_MAX: usize = 24;

/// Reads a telephone number out of what was said. Words that are no number are passed over.
pub fn read_phone(
    language: Language,
    text: &str,
    region: Option<Region>,
) -> Result<PhoneNumber, PhoneTrouble> {
    if text.len() > TEXT_MAX_BYTES {
        return Err(PhoneTrouble::NotNumber);
    }
    let said = Said::new(parts(language, text));
    let mut trouble = None;
    for way in said.ways(region) {
        match dial(&way, region) {
            Ok(number) => return Ok(number),
            // The likeliest way comes first, so its trouble is the one to tell.
            Err(known) => trouble = trouble.or(Some(known)),
        }
    }
    said.vanity(region).ok_or(trouble.unwrap_or(PhoneTrouble::NotNumber))
}

/// Whether the numbering plan of its country has such a number.
pub fn is_assigned(number: &PhoneNumber) -> bool {
    // Most are whole as they stand; reading one as a text costs twice as much as looking it up.
    let is_whole = (1..=COUNTRY_CODE_DIGITS_MAX).any(|at| is_valid_split(number, at));
    is_whole || Dialled::parse(number.as_str(), None).is_ok_and(|dialled| dialled.is_valid())
}

/// Most digits of a country code (ITU-T E.164 section 6.2.1). None begins as another does.
const COUNTRY_CODE_DIGITS_MAX: usize = 3;

/// Whether a number is valid when its first `at` digits are the country code.
fn is_valid_split(number: &PhoneNumber, at: usize) -> bool {
    let digits = number.as_str().trim_start_matches('+');
    let Some((code, rest)) = digits.split_at_checked(at) else { return false };
    // A zero in front is kept apart from the rest of the number: reading it as a text does that.
    if rest.starts_with('0') {
        return false;
    }
    let (Ok(country_code), Ok(national_number)) = (code.parse(), rest.parse()) else {
        return false;
    };
    Dialled { country_code, national_number, ..Dialled::default() }.is_valid()
}

/// Numbers of the countries in which the languages are spoken.
const SAMPLES: &[(&str, &str)] = &[
    ("US", "213 777 1234"),
    ("CA", "604 555 1234"),
    ("GB", "020 7183 8750"),
    ("IE", "087 123 4567"),
    ("AU", "0412 345 678"),
    ("IN", "98765 43210"),
    ("DE", "030 12345678"),
    ("AT", "0664 1234567"),
    ("CH", "079 123 45 67"),
    ("ES", "612 345 678"),
    ("MX", "55 1234 5678"),
    ("FR", "06 12 34 56 78"),
    ("BE", "0470 12 34 56"),
    ("IT", "312 345 6789"),
    ("PT", "912 345 678"),
    ("BR", "11 91234 5678"),
];

/// Loads what reading numbers needs, so that no live call waits for it.
pub fn warm_up() {
    for (code, number) in SAMPLES {
        drop(read_phone(Language::English, number, Region::parse(code)));
    }
}

/// What was said of a number.
#[derive(Default)]
struct Said {
    /// A country code comes first.
    plus: bool,
    digits: String,
    /// Where among the digits a zero in brackets stood.
    trunk: Option<usize>,
    /// The digits and the words among them, as they may be pressed on the keys.
    keys: String,
}

impl Said {
    fn new(parts: Vec<Part>) -> Self {
        let mut said = Self::default();
        for part in parts {
            match part {
                Part::Digits(run) => said.push(&run),
                Part::Letters(word) if !said.digits.is_empty() => said.keys.push_str(&word),
                Part::Plus => said.plus |= said.digits.is_empty(),
                Part::Trunk if said.digits.is_empty() || said.trunk.is_some() => said.push("0"),
                Part::Trunk => said.trunk = Some(said.digits.len()),
                Part::Extension if !said.digits.is_empty() => break,
                Part::Letters(_) | Part::Extension => {}
            }
        }
        said
    }

    fn push(&mut self, run: &str) {
        self.digits.push_str(run);
        self.keys.push_str(run);
    }

    /// The ways to dial it, the likeliest first.
    fn ways(&self, region: Option<Region>) -> Vec<String> {
        let mut with_trunk = self.digits.clone();
        if let Some(at) = self.trunk {
            with_trunk.insert(at, '0');
        }
        let Some(abroad) = self.abroad(&self.digits, region) else {
            return if self.digits.is_empty() { Vec::new() } else { vec![with_trunk] };
        };
        let mut ways = vec![abroad];
        // In a few countries the zero in brackets belongs to the number.
        if self.trunk.is_some() {
            ways.extend(self.abroad(&with_trunk, region));
        }
        // A few dial abroad in a way of their own that only begins as that of others.
        if !self.plus && region.is_some() {
            ways.push(self.digits.clone());
        }
        ways
    }

    /// The number with `+` before its country code, if it has one.
    fn abroad(&self, digits: &str, region: Option<Region>) -> Option<String> {
        let north_america = region.is_some_and(|region| matches!(&region.0, b"US" | b"CA"));
        let rest = if self.plus {
            // "Plus" and "double zero" are sometimes said both.
            Some(digits.strip_prefix("00").unwrap_or(digits))
        } else if let Some(rest) = digits.strip_prefix("00") {
            Some(rest)
        } else if north_america {
            digits.strip_prefix("011")
        } else {
            None
        };
        rest.filter(|rest| !rest.is_empty()).map(|rest| format!("+{rest}"))
    }

    /// A number with words in it, such as "1800 FLOWERS". Only numbers that are free or have their
    /// cost shared are given out so: in any other, the words are what somebody went on to say.
    fn vanity(&self, region: Option<Region>) -> Option<PhoneNumber> {
        let letters = self.keys.chars().filter(|c| c.is_ascii_alphabetic()).count();
        if !self.keys.is_ascii() || !(3..=DIGITS_MAX).contains(&letters) {
            return None;
        }
        let plus = if self.plus { "+" } else { "" };
        let keys = [plus, self.keys.as_str()].concat();
        let dialled = Dialled::parse(keys, region.map(Region::plan)).ok()?;
        let given_out =
            [PhoneNumberType::TollFree, PhoneNumberType::SharedCost, PhoneNumberType::UAN];
        let vanity = dialled.is_valid() && given_out.contains(&dialled.get_type());
        let e164 = dialled.format_as(PhoneNumberFormat::E164);
        PhoneNumber::parse(&e164).ok().filter(|_| vanity)
    }
}

/// Reads digits, with or without `+` before them.
fn dial(way: &str, region: Option<Region>) -> Result<PhoneNumber, PhoneTrouble> {
    let few = way.trim_start_matches('+').len() < DIGITS_MIN;
    if way.len() > DIGITS_MAX {
        return Err(PhoneTrouble::TooLong);
    }
    let refused = |trouble| if few { PhoneTrouble::TooShort } else { trouble };
    if region.is_none() && !way.starts_with('+') {
        return Err(refused(PhoneTrouble::NoCountry));
    }
    let dialled =
        Dialled::parse(way, region.map(Region::plan)).map_err(|error| refused(unread(&error)))?;
    if !dialled.is_valid() {
        return Err(refused(impossible(&dialled)));
    }
    let e164 = dialled.format_as(PhoneNumberFormat::E164);
    PhoneNumber::parse(&e164).map_err(|_| refused(PhoneTrouble::Invalid))
}

fn unread(error: &ParseError) -> PhoneTrouble {
    match error {
        ParseError::InvalidCountryCode | ParseError::NotANumber(_) => PhoneTrouble::Invalid,
        ParseError::TooShortAfterIdd | ParseError::TooShortNsn => PhoneTrouble::TooShort,
        ParseError::TooLongNsn => PhoneTrouble::TooLong,
    }
}

/// What is wrong with a number that its plan does not have.
fn impossible(dialled: &Dialled) -> PhoneTrouble {
    match dialled.is_possible_with_reason() {
        Ok(NumberLengthType::IsPossible) => PhoneTrouble::Invalid,
        // It lacks the code of its area.
        Ok(NumberLengthType::IsPossibleLocalOnly) => PhoneTrouble::TooShort,
        Err(ValidationError::TooShort) => PhoneTrouble::TooShort,
        Err(ValidationError::TooLong) => PhoneTrouble::TooLong,
        Err(ValidationError::InvalidCountryCode | ValidationError::InvalidLength) => {
            PhoneTrouble::Invalid
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_that_warms_up_is_a_number() {
        for (code, number) in SAMPLES {
            let region = Region::parse(code);
            assert!(region.is_some(), "{code}");
            assert!(read_phone(Language::English, number, region).is_ok(), "{code} {number}");
        }
        warm_up();
    }
}
