//! A recording's road to the archive, and when the next step is tried.
//!
//! A provider's link dies in minutes or hours, a store may be down for days: so a recording is first
//! brought onto this machine's disk within the time that the provider keeps it, and from there, with
//! all the time in the world, to the store. Never asks, never sleeps and never draws.

use jiff::{SignedDuration, Timestamp};

/// Tries that follow each other quickly; what fails in all of them is looked at as what it is.
pub const QUICK_TRIES: u32 = 3;
/// Waits after the first, second, … failed try, in seconds; the last one repeats.
const FETCH_WAITS_S: [i64; 9] = [2, 10, 60, 300, 900, 1_800, 3_600, 7_200, 14_400];
/// Waits for a recording that the provider does not have yet, in seconds; the last one repeats.
const OFFER_WAITS_S: [i64; 8] = [60, 60, 120, 180, 240, 300, 600, 900];
/// Waits after a failed try to store what was fetched, in seconds; the last one repeats.
const STORE_WAITS_S: [i64; 8] = [2, 10, 60, 300, 900, 1_800, 3_600, 7_200];
/// The last try is made so long before the provider lets go of a recording, in seconds.
const LAST_TRY_S: i64 = 120;
/// The longest part of what is left before a warning, in seconds.
const WARN_MOST_S: i64 = 4 * 3_600;

/// How long a provider has a recording, counted from the end of its call, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Before that it is not worth asking.
    pub ready_s: i64,
    /// What is not offered until then will not be.
    pub offered_s: i64,
    /// Until then it is kept there.
    pub kept_s: i64,
}

/// Where a recording stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecordingState {
    /// Its call is over; nobody has asked for it yet.
    Expected,
    /// It was asked for in vain and will be asked for again.
    Waiting,
    /// It is on its way here.
    Fetching,
    /// It is on this machine's disk and on its way to the store.
    Storing,
    /// It is where it belongs.
    Archived,
    /// It is given up until somebody asks to try again.
    Failed,
    /// The provider does not have it any more, or never had it; or its time here is over.
    Expired,
}

impl RecordingState {
    /// Every state there is.
    pub const ALL: [Self; 7] = [
        Self::Expected,
        Self::Waiting,
        Self::Fetching,
        Self::Storing,
        Self::Archived,
        Self::Failed,
        Self::Expired,
    ];

    /// The word used in the table and the interface.
    pub fn word(self) -> &'static str {
        match self {
            Self::Expected => "expected",
            Self::Waiting => "waiting",
            Self::Fetching => "fetching",
            Self::Storing => "storing",
            Self::Archived => "archived",
            Self::Failed => "failed",
            Self::Expired => "expired",
        }
    }

    /// The state of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether something is still to be done without anybody asking.
    pub fn is_under_way(self) -> bool {
        match self {
            Self::Expected | Self::Waiting | Self::Fetching | Self::Storing => true,
            Self::Archived | Self::Failed | Self::Expired => false,
        }
    }

    /// Whether its audio is on this machine's disk or in the store.
    pub fn has_audio(self) -> bool {
        matches!(self, Self::Storing | Self::Archived)
    }
}

/// What came of a try to fetch a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The provider has none yet.
    NotOffered,
    /// It may go well later; the code says what it was.
    Later(&'static str),
    /// What came is no recording; the provider may have answered with something else for a moment.
    Unusable(&'static str),
    /// It will not go well by itself.
    Never(&'static str),
}

impl Trouble {
    /// The stable code, for people and programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotOffered => "not_offered",
            Self::Later(code) | Self::Unusable(code) | Self::Never(code) => code,
        }
    }
}

/// What is to be done after a try that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Try again at a moment.
    At(Timestamp),
    /// It is in this state now, and stays so.
    Rest(RecordingState),
}

/// When a recording is fetched next, after `tries` tries of which the last ended in `trouble`.
/// `ended_at` is the end of its call; `chance` is uniform and spreads waits by a quarter to either
/// side; `asked_later_s` is what the provider asked for, if it did.
pub fn after_fetch(
    trouble: Trouble,
    tries: u32,
    (now, ended_at): (Timestamp, Timestamp),
    window: Window,
    (asked_later_s, chance): (Option<u64>, u16),
) -> Next {
    let until = plus(ended_at, window.kept_s);
    let waits: &[i64] = match trouble {
        Trouble::Never(_) => return Next::Rest(RecordingState::Failed),
        Trouble::Unusable(_) if tries >= QUICK_TRIES => return Next::Rest(RecordingState::Failed),
        Trouble::NotOffered if now >= plus(ended_at, window.offered_s) => {
            return Next::Rest(RecordingState::Expired);
        }
        Trouble::NotOffered => &OFFER_WAITS_S,
        Trouble::Unusable(_) | Trouble::Later(_) => &FETCH_WAITS_S,
    };
    if now >= until {
        return Next::Rest(RecordingState::Expired);
    }
    let at = asked(now, waits, tries, asked_later_s, chance);
    let last = plus(until, -LAST_TRY_S);
    // The last try comes while the provider still has it.
    Next::At(if at > last && now < last { last } else { at })
}

/// When a recording that is on this machine's disk is brought to the store next.
pub fn after_store(
    now: Timestamp,
    tries: u32,
    asked_later_s: Option<u64>,
    chance: u16,
) -> Timestamp {
    asked(now, &STORE_WAITS_S, tries, asked_later_s, chance)
}

/// Whether a person should be told that the provider will soon let go of a recording that is not here
/// yet: a quarter of its time is left, or four hours.
pub fn is_late(now: Timestamp, ended_at: Timestamp, window: Window) -> bool {
    let left_s = (window.kept_s / 4).min(WARN_MOST_S);
    now >= plus(ended_at, window.kept_s - left_s)
}

/// Where a recording's file lies: in folders by its digest, named by its digest and its id, so that no
/// two recordings ever share a file. `digest` is the SHA-256 of its audio in hexadecimal.
pub fn key(digest: &str, id: super::ids::RecordingId, format: &str) -> String {
    let folder = |from: usize| digest.get(from..from + 2).unwrap_or("00").to_owned();
    format!("recordings/{}/{}/{digest}-{id}.{format}", folder(0), folder(2))
}

/// The recording that a file's name speaks of.
pub fn id_of_key(key: &str) -> Option<super::ids::RecordingId> {
    let name = key.rsplit('/').next()?;
    let (_, rest) = name.split_once('-')?;
    rest.split_once('.')?.0.parse().ok()
}

fn asked(
    now: Timestamp,
    waits_s: &[i64],
    tries: u32,
    asked_later_s: Option<u64>,
    chance: u16,
) -> Timestamp {
    let index = usize::try_from(tries.saturating_sub(1)).unwrap_or(usize::MAX);
    let planned_ms = waits_s.get(index).or(waits_s.last()).copied().unwrap_or(60) * 1_000;
    let spread_ms = planned_ms / 2 * i64::from(chance) / i64::from(u16::MAX);
    let own = SignedDuration::from_millis(planned_ms * 3 / 4 + spread_ms);
    let asked_s = i64::try_from(asked_later_s.unwrap_or(0)).unwrap_or(i64::MAX).min(86_400);
    now.checked_add(own.max(SignedDuration::from_secs(asked_s))).unwrap_or(Timestamp::MAX)
}

fn plus(at: Timestamp, seconds: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::ids::RecordingId;
    use super::*;

    const WINDOW: Window = Window { ready_s: 0, offered_s: 3_600, kept_s: 86_400 };
    const MIDDLE: u16 = u16::MAX / 2;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).expect("a moment")
    }

    /// Every try until it rests, in seconds after the end of the call, rounded.
    fn tries(trouble: Trouble, window: Window) -> (Vec<i64>, RecordingState) {
        let (mut now, mut all) = (at(window.ready_s), Vec::new());
        loop {
            all.push((now.as_millisecond() - at(0).as_millisecond() + 500) / 1_000);
            let made = u32::try_from(all.len()).expect("few");
            match after_fetch(trouble, made, (now, at(0)), window, (None, MIDDLE)) {
                Next::At(next) => now = next,
                Next::Rest(state) => return (all, state),
            }
        }
    }

    #[test]
    fn three_quick_tries_then_the_long_way_to_the_end_of_its_time() {
        let (all, state) = tries(Trouble::Later("unavailable"), WINDOW);
        assert_eq!(all[..6], [0, 2, 12, 72, 372, 1_272], "{all:?}");
        assert_eq!(state, RecordingState::Expired);
        let before_last = all[all.len() - 2];
        assert_eq!(before_last, 86_400 - 120, "one try comes just before it is gone: {all:?}");
        assert!(all.len() < 20 && *all.last().expect("some") >= 86_400, "{all:?}");
    }

    #[test]
    fn what_is_not_offered_is_asked_for_over_its_window() {
        let exotel = Window { ready_s: 60, offered_s: 1_800, kept_s: 30 * 86_400 };
        let (all, state) = tries(Trouble::NotOffered, exotel);
        assert_eq!(all, [60, 120, 180, 300, 480, 720, 1_020, 1_620, 2_520]);
        assert_eq!(state, RecordingState::Expired);
        let within = all.iter().filter(|second| **second <= 900).count();
        assert!(within >= 5, "several within the quarter of an hour in which it appears");
    }

    #[test]
    fn what_is_no_recording_fails_after_the_quick_tries() {
        assert_eq!(
            tries(Trouble::Unusable("html"), WINDOW),
            (vec![0, 2, 12], RecordingState::Failed)
        );
        assert_eq!(tries(Trouble::Never("too_large"), WINDOW), (vec![0], RecordingState::Failed));
    }

    #[test]
    fn a_provider_may_ask_for_more_time_and_chance_spreads_by_a_quarter() {
        let next = |tries, asked_s, chance| {
            let trouble = Trouble::Later("busy");
            after_fetch(trouble, tries, (at(0), at(0)), WINDOW, (asked_s, chance))
        };
        assert_eq!(next(1, Some(30), 0), Next::At(at(30)));
        assert_eq!(next(4, Some(30), 0), Next::At(at(225)));
        assert_eq!(next(4, None, u16::MAX), Next::At(at(375)));
        assert_eq!(after_store(at(0), 4, None, 0), at(225));
        assert_eq!(after_store(at(0), 99, Some(1), u16::MAX), at(9_000));
    }

    #[test]
    fn a_warning_comes_while_something_can_be_done() {
        assert!(!is_late(at(86_400 - 14_401), at(0), WINDOW));
        assert!(is_late(at(86_400 - 14_400), at(0), WINDOW));
        let short = Window { kept_s: 600, ..WINDOW };
        assert!(!is_late(at(449), at(0), short) && is_late(at(450), at(0), short));
    }

    #[test]
    fn a_file_says_whose_it_is() {
        let id = RecordingId::new(at(0), [7; 10]);
        let digest = "ab12".to_owned() + &"0".repeat(60);
        let key = key(&digest, id, "wav");
        assert!(key.starts_with("recordings/ab/12/ab12") && key.ends_with(".wav"), "{key}");
        assert_eq!(id_of_key(&key), Some(id));
        for other in ["", "recordings/x", "a-b.wav", "recordings/ab/12/x-y"] {
            assert_eq!(id_of_key(other), None, "{other}");
        }
        assert!(key.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_.-".contains(&b)), "{key}");
    }
}
