//! What is kept of the times that a book takes: always what follows from the appointments, whoever
//! changed them, and an appointment that is looked at by itself is left out once.

use frontdesk::domain::business::Service;
use frontdesk::domain::scheduling::rules::Rules;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use rusqlite::Connection;
use serde_json::json;

use crate::api::Api;
use crate::harness::{Server, retell};
use crate::practice::{
    OTHER, THIRD, add_branch, add_person, add_service, call_from, first_branch, service, staffed,
    told,
};

/// Something done to one of a few appointments.
#[derive(Clone, Debug)]
enum Step {
    /// It is written: which, whether it was there or not, with what.
    Put(u8, Row),
    /// Some of it is changed.
    Status(u8, usize),
    /// It is gone.
    Remove(u8),
}

#[derive(Clone, Debug)]
struct Row {
    branch: u8,
    service: u8,
    staff: Option<u8>,
    status: usize,
    start_ms: i64,
    lasts_ms: i64,
    after_min: u16,
}

const STATUSES: [&str; 5] = ["held", "confirmed", "completed", "cancelled", "no_show"];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let start =
        prop::sample::select(vec![1_767_603_600_000_i64, 1_767_605_400_000, 1_767_690_000_000]);
    let lasts = prop::sample::select(vec![1_800_000_i64, 3_600_000]);
    let staff = prop::option::of(0..2_u8);
    let row = (0..2_u8, 0..2_u8, staff, 0..STATUSES.len(), start, lasts, 0..2_u16);
    let row = row.prop_map(|(branch, service, staff, status, start_ms, lasts_ms, after_min)| Row {
        branch,
        service,
        staff,
        status,
        start_ms,
        lasts_ms,
        after_min,
    });
    let step = prop_oneof![
        3 => (0..8_u8, row).prop_map(|(which, row)| Step::Put(which, row)),
        2 => (0..8_u8, 0..STATUSES.len()).prop_map(|(which, status)| Step::Status(which, status)),
        1 => (0..8_u8).prop_map(Step::Remove),
    ];
    prop::collection::vec(step, 1..40)
}

/// The id of one that is there, by its place in the order of ids.
fn nth(table: &str, place: u8) -> String {
    format!("(SELECT id FROM {table} ORDER BY id LIMIT 1 OFFSET {place})")
}

fn id_of(which: u8) -> String {
    format!("x'{which:032x}'")
}

fn hold(status: usize) -> &'static str {
    if STATUSES[status] == "held" { "1767600000000" } else { "NULL" }
}

fn sql_of(step: &Step) -> String {
    match step {
        Step::Put(which, row) => {
            let staff = row.staff.map_or("NULL".to_owned(), |place| nth("staff", place));
            let (id, status, until) = (id_of(*which), STATUSES[row.status], hold(row.status));
            let (branch, service) = (nth("branches", row.branch), nth("services", row.service));
            let (start, end, after) = (row.start_ms, row.start_ms + row.lasts_ms, row.after_min);
            format!(
                "INSERT INTO appointments
                   (id, business_id, branch_id, service_id, staff_id, status, held_until_at,
                    starts_at, ends_at, before_min, after_min, customer_name, customer_phone,
                    customer_email, notes, code, code_misses, created_at, updated_at)
                 VALUES ({id}, (SELECT id FROM businesses), {branch}, {service}, {staff}, '{status}',
                         {until}, {start}, {end}, 5, {after}, 'Robin', '', '', '', '', 0, 1, 1)
                 ON CONFLICT DO UPDATE
                 SET branch_id = excluded.branch_id, service_id = excluded.service_id,
                     staff_id = excluded.staff_id, status = excluded.status,
                     held_until_at = excluded.held_until_at, starts_at = excluded.starts_at,
                     ends_at = excluded.ends_at, after_min = excluded.after_min"
            )
        }
        Step::Status(which, status) => {
            let (id, status, until) = (id_of(*which), STATUSES[*status], hold(*status));
            format!(
                "UPDATE appointments SET status = '{status}', held_until_at = {until} WHERE id = {id}"
            )
        }
        Step::Remove(which) => format!("DELETE FROM appointments WHERE id = {}", id_of(*which)),
    }
}

/// Each row, with what stands in it in an order of its own.
fn rows(conn: &Connection, sql: &str) -> Vec<(i64, [Vec<u8>; 3], Vec<String>)> {
    let mut statement = conn.prepare(sql).expect("the question can be understood");
    let rows = statement.query_map([], |row| {
        let taken: String = row.get(4)?;
        let mut taken: Vec<String> = taken.split_inclusive(']').map(str::to_owned).collect();
        taken.sort();
        Ok((row.get(0)?, [row.get(1)?, row.get(2)?, row.get(3)?], taken))
    });
    let mut rows: Vec<_> = rows.expect("it is answered").map(|row| row.expect("a row")).collect();
    rows.sort();
    rows
}

const KEPT: &str = "SELECT day, branch_id, staff_id, service_id, taken FROM taken_days";
const FOLLOWS: &str = "SELECT starts_at / 86400000, branch_id, coalesce(staff_id, x''), service_id,
        group_concat('[' || concat_ws(',', starts_at, ends_at - starts_at, before_min, after_min,
                                      held_until_at) || ']', '')
    FROM appointments
    WHERE status = 'held' OR status = 'confirmed'
    GROUP BY 1, 2, 3, 4";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_of_a_book_follows_from_it_after_every_change() {
    let server = Server::start().await;
    let business = server.business().await;
    let branch = first_branch(&server, business).await;
    add_branch(&server, business, "North").await;
    add_service(&server, business, service("Massage")).await;
    for name in ["Kim West", "Lee East"] {
        add_person(&server, business, name, branch, None).await;
    }
    let conn = server.db().lock();
    let mut runner =
        TestRunner::new(Config { cases: 64, failure_persistence: None, ..Config::default() });
    let tried = runner.run(&steps(), |steps| {
        conn.execute_batch("SAVEPOINT one").map_err(|e| TestCaseError::fail(e.to_string()))?;
        let mut outcome = Ok(());
        for step in &steps {
            conn.execute_batch(&sql_of(step)).map_err(|e| TestCaseError::fail(e.to_string()))?;
            if rows(&conn, KEPT) != rows(&conn, FOLLOWS) {
                outcome = Err(TestCaseError::fail(format!("after {step:?}")));
                break;
            }
        }
        conn.execute_batch("ROLLBACK TO one; RELEASE one").expect("it goes back");
        outcome
    });
    tried.unwrap_or_else(|error| panic!("{error}"));
    drop(conn);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_take_the_same_only_ones_own_is_left_out() {
    let server = Server::start().await;
    let business = server.business().await;
    let rules = Rules::new(30, 15, 0, 60).and_then(|rules| rules.with_capacity(2));
    let rules = rules.expect("within bounds");
    add_service(&server, business, Service { rules, ..service("Course") }).await;
    let args = json!({"service": "Course", "start": "2026-01-06T10:00", "name": "Robin Example"});
    let (one, two) = (retell::call("c1"), call_from(OTHER, "c2"));
    // Two holds of one group take just the same.
    for call in [&one, &two] {
        let held = server.tool_in("collect_appointment_data", args.clone(), call).await;
        assert_eq!(held["data"]["status"], "proposed", "{held}");
    }
    let full = server.tool_in("book_appointment", args.clone(), &call_from(THIRD, "c3")).await;
    assert_eq!(told(&full).0, "taken", "{full}");
    for call in [&one, &two] {
        let booked = server.tool_in("book_appointment", args.clone(), call).await;
        assert_eq!(booked["data"]["status"], "booked", "{booked}");
    }
    let full = server.tool_in("book_appointment", args, &call_from(THIRD, "c4")).await;
    assert_eq!(told(&full).0, "taken", "{full}");
    // One more than there is room for, at the desk's own risk: whoever moves by a quarter of an hour
    // now has two others in the way.
    let api = Api::of(&server, business).await;
    let service = server.db().text("SELECT lower(hex(id)) FROM services WHERE name = 'Course'");
    let sent = json!({"service_id": service, "starts_at": "2026-01-06T09:00:00Z",
        "customer_name": "Kim Example", "policy": "warn"});
    api.made("/appointments", &sent).await;
    let moved = json!({"start": "2026-01-06T10:15"});
    let moved = server.tool_in("reschedule_appointment", moved, &one).await;
    assert_eq!(told(&moved).0, "taken", "{moved}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_told_and_nothing_is_booked() {
    let server = Server::start().await;
    let business = server.business().await;
    let branch = first_branch(&server, business).await;
    add_service(&server, business, staffed("Massage")).await;
    add_person(&server, business, "Kim West", branch, None).await;
    let args = json!({"service": "Massage", "start": "2026-01-06T10:00", "name": "Robin Example"});
    server.tool("book_appointment", args, "c1").await;
    server.db().change("UPDATE taken_days SET taken = '[?]'").expect("the file can be changed");
    let args = json!({"service": "Massage", "start": "2026-01-06T12:00", "name": "Robin Example"});
    let answer = server.tool("book_appointment", args, "c2").await;
    assert_eq!(told(&answer).0, "late", "{answer}");
    assert_eq!(server.number("SELECT count(*) FROM appointments"), 1);
    server.finish().await;
}
