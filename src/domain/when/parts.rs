//! Parts of a day, and where each begins and ends.
//!
//! Never says which day.

/// A part of a day that people name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Until nine.
    EarlyMorning,
    /// Until noon.
    Morning,
    /// From ten until noon.
    LateMorning,
    /// Around noon.
    Lunch,
    /// From noon until three.
    EarlyAfternoon,
    /// From noon until five.
    Afternoon,
    /// From three until six.
    LateAfternoon,
    /// From five until seven.
    EarlyEvening,
    /// From five on.
    Evening,
    /// From eight on.
    LateEvening,
}

/// Which half of the day an hour from one to twelve belongs to beside a part of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lean {
    /// Twelve is midnight: "de la madrugada".
    Dawn,
    /// As on the clock.
    Morning,
    /// One to four come after noon.
    Lunch,
    /// One to eleven come after noon.
    Afternoon,
    /// Five to twelve come after noon.
    Evening,
}

impl Part {
    /// Its first minute, and the first one after it.
    pub fn window(self) -> (u16, u16) {
        match self {
            Self::EarlyMorning => (0, 540),
            Self::Morning => (0, 720),
            Self::LateMorning => (600, 720),
            Self::Lunch => (690, 810),
            Self::EarlyAfternoon => (720, 900),
            Self::Afternoon => (720, 1020),
            Self::LateAfternoon => (900, 1080),
            Self::EarlyEvening => (1020, 1140),
            Self::Evening => (1020, 1440),
            Self::LateEvening => (1200, 1440),
        }
    }

    /// The minute by which what is "before" it is over.
    pub fn before(self) -> u16 {
        if self == Self::Lunch { 720 } else { self.window().0 }
    }

    /// The minute at which what is "after" it begins.
    pub fn after(self) -> u16 {
        if self == Self::Lunch { 780 } else { self.window().1 }
    }

    /// Its beginning: "early in the afternoon".
    pub fn early(self) -> Self {
        match self {
            Self::EarlyMorning | Self::Morning | Self::LateMorning => Self::EarlyMorning,
            Self::Lunch => Self::Lunch,
            Self::EarlyAfternoon | Self::Afternoon | Self::LateAfternoon => Self::EarlyAfternoon,
            Self::EarlyEvening | Self::Evening | Self::LateEvening => Self::EarlyEvening,
        }
    }

    /// Its end: "late in the afternoon".
    pub fn late(self) -> Self {
        match self {
            Self::EarlyMorning | Self::Morning | Self::LateMorning => Self::LateMorning,
            Self::Lunch => Self::Lunch,
            Self::EarlyAfternoon | Self::Afternoon | Self::LateAfternoon => Self::LateAfternoon,
            Self::EarlyEvening | Self::Evening | Self::LateEvening => Self::LateEvening,
        }
    }

    /// How an hour beside it is read.
    pub fn lean(self) -> Lean {
        match self {
            Self::EarlyMorning => Lean::Dawn,
            Self::Morning | Self::LateMorning => Lean::Morning,
            Self::Lunch => Lean::Lunch,
            Self::EarlyAfternoon | Self::Afternoon | Self::LateAfternoon => Lean::Afternoon,
            Self::EarlyEvening | Self::Evening | Self::LateEvening => Lean::Evening,
        }
    }
}
