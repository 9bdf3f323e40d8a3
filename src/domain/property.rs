//! What a call can be about: a flat, a house, a room, whatever the business shows or sells.
//!
//! Never holds who called about it; that is the call's.

use jiff::Timestamp;

use super::ids::PropertyId;

/// Most characters of a reference.
pub const REFERENCE_MAX_CHARS: usize = 100;
/// Most characters of a title.
pub const TITLE_MAX_CHARS: usize = 200;
/// Most characters of an address.
pub const ADDRESS_MAX_CHARS: usize = 500;
/// Most characters of notes.
pub const NOTES_MAX_CHARS: usize = 2_000;

/// Something that calls can be about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// Which.
    pub id: PropertyId,
    /// The business's own number for it, 1 to 100 characters, unique within the business.
    pub reference: String,
    /// What it is called, 1 to 200 characters.
    pub title: String,
    /// Where it is, at most 500 characters; may be empty.
    pub address: String,
    /// Free words, at most 2,000 characters; may be empty.
    pub notes: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Property {
    /// The field that is empty or too long, and what it must be.
    pub fn fault(&self) -> Option<(&'static str, String)> {
        let fields = [
            ("reference", &self.reference, 1, REFERENCE_MAX_CHARS),
            ("title", &self.title, 1, TITLE_MAX_CHARS),
            ("address", &self.address, 0, ADDRESS_MAX_CHARS),
            ("notes", &self.notes, 0, NOTES_MAX_CHARS),
        ];
        fields.into_iter().find_map(|(field, text, least, most)| {
            let length = text.chars().count();
            let fits = (least..=most).contains(&length) && !text.contains('\0');
            (!fits).then(|| (field, format!("must have {least} to {most} characters")))
        })
    }
}
