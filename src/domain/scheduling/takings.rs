//! What takes time in the book of a business, sorted by whose time it is, and the resources that a
//! service's slots can take.
//!
//! Never reads the book: it is handed over day by day.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::slots::{Resource, Taken};
use crate::domain::business::{Service, Setup, Staff, Workplace};
use crate::domain::ids::{BranchId, ServiceId, StaffId};

/// Whose time something takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Whose {
    Staff(StaffId),
    Branch(BranchId),
}

/// What takes time, as it is gathered from a book.
#[derive(Debug, Default)]
pub struct Gathered {
    by: BTreeMap<Whose, Vec<Taken>>,
}

impl Gathered {
    /// Adds what takes the time of somebody, or of a branch itself, in no order; the first that could
    /// not be read ends it.
    pub fn add<E>(
        &mut self,
        (branch, staff): (BranchId, Option<StaffId>),
        taken: impl Iterator<Item = Result<Taken, E>>,
    ) -> Result<(), E> {
        let whose = staff.map_or(Whose::Branch(branch), Whose::Staff);
        let all = self.by.entry(whose).or_default();
        for one in taken {
            all.push(one?);
        }
        Ok(())
    }

    /// All of it.
    pub fn sorted(mut self) -> Takings {
        for taken in self.by.values_mut() {
            taken.sort_unstable_by_key(|taken| taken.from_ms);
        }
        Takings { by: self.by }
    }
}

/// Everything that takes time within some window.
#[derive(Clone, Debug)]
pub struct Takings {
    /// Each by `from_ms`.
    by: BTreeMap<Whose, Vec<Taken>>,
}

impl Takings {
    /// How many things take time.
    pub fn count(&self) -> usize {
        self.by.values().map(Vec::len).sum()
    }

    /// When a service's appointments at a branch begin that take time at `now`, ms since 1970 UTC,
    /// in order.
    pub fn begun_ms(&self, service: ServiceId, branch: BranchId, now: Timestamp) -> Vec<i64> {
        let now_ms = now.as_millisecond();
        let counts = |taken: &&Taken| {
            (taken.service, taken.branch) == (Some(service), Some(branch))
                && now_ms < taken.held_until_ms
        };
        let counted = self.by.values().flatten().filter(counts);
        let mut begun: Vec<i64> = counted.map(|taken| taken.start_ms).collect();
        begun.sort_unstable();
        begun
    }

    /// How many appointments of a staff member begin within a time, ms since 1970 UTC.
    pub fn count_of(&self, staff: StaffId, (from_ms, until_ms): (i64, i64)) -> usize {
        let taken = self.of(Whose::Staff(staff));
        let within = |t: &&Taken| from_ms <= t.start_ms && t.start_ms < until_ms;
        taken.iter().filter(within).count()
    }

    /// Whose time a service can take at a branch: that of everybody who can do it, or of the one
    /// that was named, or the branch's own.
    pub fn resources<'a>(
        &'a self,
        setup: &'a Setup,
        service: &Service,
        branch: BranchId,
        named: Option<StaffId>,
    ) -> Vec<Resource<'a>> {
        if !service.staffed {
            let taken = self.of(Whose::Branch(branch));
            return vec![Resource { staff: None, opening: None, taken }];
        }
        let able = setup.staff_for(service, branch).into_iter();
        let wanted = able.filter(|(staff, _)| named.is_none_or(|named| named == staff.id));
        let resource = |(staff, place): (&Staff, &'a Workplace)| {
            let taken = self.of(Whose::Staff(staff.id));
            let opening = Some(&place.opening).filter(|opening| !opening.is_always());
            Resource { staff: Some(staff.id), opening, taken }
        };
        wanted.map(resource).collect()
    }

    fn of(&self, whose: Whose) -> &[Taken] {
        self.by.get(&whose).map_or(&[], Vec::as_slice)
    }
}
