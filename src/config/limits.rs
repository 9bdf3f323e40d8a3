//! `[limits]`: the bounds that keep one caller, one upstream or one bad day from taking
//! everything.
//!
//! Each number carries its range in its type, so a value outside it does not exist past `load`.
//! Never here: enforcing a limit; the layer that owns the thing counted does that.

use std::fmt;
use std::time::Duration;

use jiff::SignedDuration;
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

/// `[limits]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    max_connections: Whole<1, 65_536>,
    max_connections_per_address: Whole<1, 65_536>,
    header_timeout_ms: Whole<100, 60_000>,
    body_timeout_ms: Whole<100, 300_000>,
    idle_timeout_ms: Whole<100, 3_600_000>,
    request_timeout_ms: Whole<100, 300_000>,
    connection_age_ms: Whole<1_000, 86_400_000>,
    drain_timeout_ms: Whole<0, 120_000>,
    body_max_bytes: Whole<1_024, 67_108_864>,
    // hyper refuses to start with a smaller head buffer than 8 KiB.
    header_max_bytes: Whole<8_192, 1_048_576>,
    http2_streams: Whole<1, 1_000>,
    tool_deadline_ms: Whole<100, 30_000>,
    hold_minutes: Whole<1, 60>,
    availability_cache: bool,
    write_queue: Whole<1, 1_048_576>,
    write_batch: Whole<1, 65_536>,
    readers: Whole<1, 64>,
    read_queue: Whole<1, 1_048_576>,
    job_concurrency: Whole<1, 1_024>,
    job_attempts: Whole<1, 100>,
    database_max_mb: Whole<0, 16_777_216>,
    disk_reserve_mb: Whole<0, 16_777_216>,
    api_requests_per_minute: Whole<1, 1_000_000>,
    #[serde(deserialize_with = "prefixes")]
    outbound_prefixes: Vec<String>,
    outbound_per_minute: Whole<1, 1_000>,
    outbound_per_minute_per_user: Whole<1, 1_000>,
    login_per_minute: Whole<1, 1_000>,
    register_per_minute: Whole<1, 1_000>,
    bookings_per_minute: Whole<1, 100_000>,
    diagnostics_per_minute: Whole<1, 1_000>,
    refused_per_minute: Whole<1, 100_000>,
    call_tools_per_minute: Whole<1, 100_000>,
    call_bookings_per_minute: Whole<1, 100_000>,
    upstream_requests_per_minute: Whole<1, 1_000_000>,
    allow_insecure_upstreams: bool,
}

/// Puts back each field that differs and names it.
macro_rules! keep {
    ($new:ident, $running:ident: $($field:ident)*) => {{
        let mut later = Vec::new();
        $(if $new.$field != $running.$field {
            $new.$field = $running.$field;
            later.push(concat!("limits.", stringify!($field)));
        })*
        later
    }};
}

impl Limits {
    /// Puts back what only counts at the start, and names the keys that differ: how connections are
    /// served, the database and its threads, and the client for outside services.
    pub(super) fn keep_what_counts_at_start(new: &mut Self, running: &Self) -> Vec<&'static str> {
        keep!(new, running:
            max_connections max_connections_per_address header_timeout_ms idle_timeout_ms
            connection_age_ms drain_timeout_ms header_max_bytes http2_streams write_queue
            write_batch readers read_queue database_max_mb disk_reserve_mb
            upstream_requests_per_minute allow_insecure_upstreams)
    }

    /// Most connections open at once.
    pub fn max_connections(&self) -> usize {
        self.max_connections.size()
    }

    /// Most connections open at once from one address.
    pub fn max_connections_per_address(&self) -> usize {
        self.max_connections_per_address.size()
    }

    /// How long a client may take to send a request's head.
    pub fn header_timeout(&self) -> Duration {
        self.header_timeout_ms.millis()
    }

    /// How long a client may take to send a request's body.
    pub fn body_timeout(&self) -> Duration {
        self.body_timeout_ms.millis()
    }

    /// How long a connection may stay open without a request.
    pub fn idle_timeout(&self) -> Duration {
        self.idle_timeout_ms.millis()
    }

    /// How long a request may take from its head to its answer.
    pub fn request_timeout(&self) -> Duration {
        self.request_timeout_ms.millis()
    }

    /// How old a connection may grow before it is closed between two requests.
    pub fn connection_age(&self) -> Duration {
        self.connection_age_ms.millis()
    }

    /// How long a stop waits for the requests under way.
    pub fn drain_timeout(&self) -> Duration {
        self.drain_timeout_ms.millis()
    }

    /// Largest request body, in bytes, where a route names no smaller one.
    pub fn body_max_bytes(&self) -> usize {
        self.body_max_bytes.size()
    }

    /// Largest request head, in bytes.
    pub fn header_max_bytes(&self) -> usize {
        self.header_max_bytes.size()
    }

    /// Most requests under way at once on one HTTP/2 connection.
    pub fn http2_streams(&self) -> u32 {
        self.http2_streams.count()
    }

    /// How long a live tool call may take to be answered.
    pub fn tool_deadline(&self) -> Duration {
        self.tool_deadline_ms.millis()
    }

    /// How long a time is set aside for a call that has not booked it yet, at most.
    pub fn hold(&self) -> SignedDuration {
        SignedDuration::from_mins(i64::from(self.hold_minutes.count()))
    }

    /// Whether what free times follow from is kept in memory while it holds.
    pub fn availability_cache(&self) -> bool {
        self.availability_cache
    }

    /// Most writes waiting for the writer; past it the answer is 503.
    pub fn write_queue(&self) -> usize {
        self.write_queue.size()
    }

    /// Most writes committed together.
    pub fn write_batch(&self) -> usize {
        self.write_batch.size()
    }

    /// Reading connections to the database.
    pub fn readers(&self) -> usize {
        self.readers.size()
    }

    /// Most reads waiting for a reading connection; past it the answer is 503.
    pub fn read_queue(&self) -> usize {
        self.read_queue.size()
    }

    /// Most jobs running at once.
    pub fn job_concurrency(&self) -> usize {
        self.job_concurrency.size()
    }

    /// How often a job is tried before it is set aside for a person.
    pub fn job_attempts(&self) -> u32 {
        self.job_attempts.count()
    }

    /// Bytes kept free on the disk; 0: none.
    pub fn disk_reserve_bytes(&self) -> u64 {
        self.disk_reserve_mb.number() * 1_048_576
    }

    /// Size of the database, in bytes, at which writing stops and reading goes on; `None`: no
    /// limit.
    pub fn database_max_bytes(&self) -> Option<u64> {
        match self.database_max_mb.number() {
            0 => None,
            megabytes => Some(megabytes * 1_048_576),
        }
    }

    /// Most requests a minute with one API key.
    pub fn api_requests_per_minute(&self) -> u32 {
        self.api_requests_per_minute.count()
    }

    /// How often in a minute one user may have somebody called.
    pub fn outbound_per_minute_per_user(&self) -> u32 {
        self.outbound_per_minute_per_user.count()
    }

    /// Tries of logging in within a minute from one address.
    pub fn login_per_minute(&self) -> u32 {
        self.login_per_minute.count()
    }

    /// Tries of registering, and of asking for a new password, within a minute from one address.
    pub fn register_per_minute(&self) -> u32 {
        self.register_per_minute.count()
    }

    /// Bookings within a minute by one key or user.
    pub fn bookings_per_minute(&self) -> u32 {
        self.bookings_per_minute.count()
    }

    /// Diagnostics within a minute by one key or user.
    pub fn diagnostics_per_minute(&self) -> u32 {
        self.diagnostics_per_minute.count()
    }

    /// Requests within a minute from one address that prove nothing, before they are turned away.
    pub fn refused_per_minute(&self) -> u32 {
        self.refused_per_minute.count()
    }

    /// Tool calls within a minute in one call.
    pub fn call_tools_per_minute(&self) -> u32 {
        self.call_tools_per_minute.count()
    }

    /// Bookings, moves and cancellations within a minute in one call.
    pub fn call_bookings_per_minute(&self) -> u32 {
        self.call_bookings_per_minute.count()
    }

    /// How numbers begin that may be called; none: nobody may be.
    pub fn outbound_prefixes(&self) -> &[String] {
        &self.outbound_prefixes
    }

    /// Most calls placed a minute with one API key.
    pub fn outbound_per_minute(&self) -> u32 {
        self.outbound_per_minute.count()
    }

    /// Most requests a minute to one host outside.
    pub fn upstream_requests_per_minute(&self) -> u32 {
        self.upstream_requests_per_minute.count()
    }

    /// Whether outbound calls may go to plain http and to loopback addresses.
    pub fn allow_insecure_upstreams(&self) -> bool {
        self.allow_insecure_upstreams
    }
}

/// Reads prefixes of numbers: each `+` and 1 to 15 digits.
fn prefixes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let all = Vec::<String>::deserialize(deserializer)?;
    let is_prefix = |text: &String| {
        text.strip_prefix('+').is_some_and(|digits| {
            (1..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    if all.iter().all(is_prefix) {
        return Ok(all);
    }
    Err(D::Error::custom("each must be + and 1 to 15 digits, such as \"+1\" or \"+4930\""))
}

/// A whole number from `MIN` to `MAX`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Whole<const MIN: u64, const MAX: u64>(u64);

impl<const MIN: u64, const MAX: u64> Whole<MIN, MAX> {
    /// The number.
    pub(super) fn number(self) -> u64 {
        self.0
    }

    /// The number as a size in memory; a machine that cannot count so far has no such limit.
    pub(super) fn size(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }

    /// The number in 32 bits, which every range asked for so fits.
    fn count(self) -> u32 {
        u32::try_from(self.0).unwrap_or(u32::MAX)
    }

    /// The number as so many milliseconds.
    fn millis(self) -> Duration {
        Duration::from_millis(self.0)
    }
}

impl<'de, const MIN: u64, const MAX: u64> Deserialize<'de> for Whole<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_u64(Range::<MIN, MAX>)
    }
}

/// Reads a [`Whole`]; says its range when it cannot.
struct Range<const MIN: u64, const MAX: u64>;

impl<const MIN: u64, const MAX: u64> Visitor<'_> for Range<MIN, MAX> {
    type Value = Whole<MIN, MAX>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "a whole number from {MIN} to {MAX}")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        if (MIN..=MAX).contains(&number) {
            Ok(Whole(number))
        } else {
            Err(E::invalid_value(Unexpected::Unsigned(number), &self))
        }
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        match u64::try_from(number) {
            Ok(number) => self.visit_u64(number),
            Err(_) => Err(E::invalid_value(Unexpected::Signed(number), &self)),
        }
    }
}
