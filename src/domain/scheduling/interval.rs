//! Half-open spans of time, and the arithmetic of sets of them.
//!
//! Never knows a time zone, an opening hour or an appointment: instants only.

use jiff::Timestamp;

/// A stretch of time `start..end` that is never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    start: Timestamp,
    end: Timestamp,
}

impl Span {
    /// The span from `start` up to, but without, `end`; none unless `start` comes first.
    pub fn new(start: Timestamp, end: Timestamp) -> Option<Self> {
        (start < end).then_some(Self { start, end })
    }

    /// Its first instant.
    pub fn start(&self) -> Timestamp {
        self.start
    }

    /// The instant at which it is over, itself not part of it.
    pub fn end(&self) -> Timestamp {
        self.end
    }

    /// How long it is in whole minutes, rounded down.
    pub fn minutes(&self) -> i64 {
        self.end.duration_since(self.start).as_mins()
    }

    /// Whether the two share an instant; spans that only touch do not.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether all of `other` lies inside.
    pub fn contains(&self, other: &Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// What the two share, if anything.
    pub fn intersect(&self, other: &Self) -> Option<Self> {
        Self::new(self.start.max(other.start), self.end.min(other.end))
    }
}

/// The same instants as fewest spans: sorted, with touching and overlapping ones merged.
pub fn join(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            Some(_) | None => joined.push(span),
        }
    }
    joined
}

/// What is left of `open` without `busy`: sorted and disjoint. Both may come in any order.
pub fn subtract(open: &[Span], busy: &[Span]) -> Vec<Span> {
    let busy = join(busy.to_vec());
    let mut ahead = busy.as_slice();
    let mut rest = Vec::new();
    for span in join(open.to_vec()) {
        ahead = pending(ahead, span.start);
        let mut from = span.start;
        for taken in ahead.iter().take_while(|taken| taken.start < span.end) {
            rest.extend(Span::new(from, taken.start));
            from = taken.end;
        }
        rest.extend(Span::new(from, span.end));
    }
    rest
}

/// Drops the spans that are over at `at` from the front of sorted, disjoint `spans`.
pub(super) fn pending(spans: &[Span], at: Timestamp) -> &[Span] {
    let over = spans.iter().take_while(|span| span.end <= at).count();
    &spans[over..]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Pairs = &'static [(i64, i64)];

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(minute * 60).expect("in range")
    }

    fn span(start: i64, end: i64) -> Span {
        Span::new(at(start), at(end)).expect("start before end")
    }

    fn spans(pairs: &[(i64, i64)]) -> Vec<Span> {
        pairs.iter().map(|(start, end)| span(*start, *end)).collect()
    }

    #[test]
    fn a_span_is_never_empty_or_backwards() {
        assert_eq!(Span::new(at(1), at(1)), None);
        assert_eq!(Span::new(at(2), at(1)), None);
        assert_eq!(span(1, 31).minutes(), 30);
        assert_eq!((span(1, 2).start(), span(1, 2).end()), (at(1), at(2)));
    }

    #[test]
    fn spans_that_only_touch_share_nothing() {
        assert!(!span(0, 10).overlaps(&span(10, 20)));
        assert!(span(0, 11).overlaps(&span(10, 20)));
        assert!(span(0, 30).overlaps(&span(10, 20)));
        assert_eq!(span(0, 10).intersect(&span(10, 20)), None);
        assert_eq!(span(0, 15).intersect(&span(10, 20)), Some(span(10, 15)));
        assert!(span(0, 10).contains(&span(0, 10)));
        assert!(!span(0, 10).contains(&span(5, 11)));
    }

    #[test]
    fn joining_sorts_and_merges_what_touches_or_overlaps() {
        let given = spans(&[(30, 40), (0, 10), (10, 20), (15, 18), (50, 60)]);
        assert_eq!(join(given), spans(&[(0, 20), (30, 40), (50, 60)]));
        assert_eq!(join(Vec::new()), Vec::new());
    }

    #[test]
    fn subtracting_cuts_out_what_is_busy() {
        let open = spans(&[(100, 200), (0, 50)]);
        let cases: [(Pairs, Pairs); 5] = [
            (&[], &[(0, 50), (100, 200)]),
            (&[(10, 20)], &[(0, 10), (20, 50), (100, 200)]),
            (&[(40, 120)], &[(0, 40), (120, 200)]),
            (&[(150, 160), (0, 50), (100, 110)], &[(110, 150), (160, 200)]),
            (&[(0, 300)], &[]),
        ];
        for (busy, rest) in cases {
            assert_eq!(subtract(&open, &spans(busy)), spans(rest), "without {busy:?}");
        }
    }

    fn any_spans() -> impl Strategy<Value = Vec<Span>> {
        let pair = (0_i64..200, 1_i64..40).prop_map(|(start, length)| span(start, start + length));
        prop::collection::vec(pair, 0..12)
    }

    fn holds(spans: &[Span], minute: i64) -> bool {
        spans.iter().any(|span| span.start() <= at(minute) && at(minute) < span.end())
    }

    proptest! {
        #[test]
        fn sets_of_spans_behave_like_sets_of_minutes(open in any_spans(), busy in any_spans()) {
            let joined = join(open.clone());
            let rest = subtract(&open, &busy);
            for minute in 0..260 {
                prop_assert_eq!(holds(&joined, minute), holds(&open, minute));
                let left = holds(&open, minute) && !holds(&busy, minute);
                prop_assert_eq!(holds(&rest, minute), left);
            }
            prop_assert!(joined.windows(2).all(|two| two[0].end() < two[1].start()));
            prop_assert!(rest.windows(2).all(|two| two[0].end() <= two[1].start()));
        }
    }
}
