//! Who did what with a business's data.
//!
//! Shows rows as they are kept: ids and words, no names.

use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::Frame;
use super::days::{Days, moment};
use crate::app::AppError;
use crate::app::audit::{Ended, Filter, Kept};
use crate::domain::page::Limit;
use crate::web::Web;
use crate::web::query::Query;
use crate::web::route::Admitted;

/// Rows on one page.
const ROWS: &str = "100";

/// Which rows are wanted, as a form sends it.
struct Wanted {
    days: Days,
    action: String,
    actor_id: String,
    result: String,
    before: Option<i64>,
}

impl Wanted {
    fn read(mut query: Query, zone: &TimeZone) -> Result<Self, AppError> {
        let days = Days::read(&mut query, zone, None)?;
        let mut take =
            |key: &str| query.take(key).map(|text| text.trim().to_owned()).unwrap_or_default();
        let (action, actor_id, result) = (take("action"), take("actor_id"), take("result"));
        let before = Some(take("cursor")).filter(|text| !text.is_empty()).map(|text| {
            text.parse().map_err(|_| AppError::invalid("cursor", "is none that was given here"))
        });
        query.finish()?;
        if !result.is_empty() && ended(&result).is_none() {
            return Err(AppError::invalid("result", "is none that there is"));
        }
        Ok(Self { days, action, actor_id, result, before: before.transpose()? })
    }

    fn filter(&self) -> Filter {
        Filter {
            action: self.action.clone(),
            actor_id: self.actor_id.clone(),
            ended: ended(&self.result),
            from_ms: self.days.from.map(|(_, at)| at.as_millisecond()),
            until_ms: self.days.to.map(|(_, at)| at.as_millisecond()),
            before: self.before,
        }
    }

    /// The address of the same rows with these days, or moments, and more.
    fn address(&self, frame: &Frame, path: &str, more: [(&str, &str); 3]) -> String {
        let (action, actor_id) = (("action", &self.action[..]), ("actor_id", &self.actor_id[..]));
        let mut pairs = vec![action, actor_id, ("result", &self.result)];
        pairs.extend(more);
        frame.address(path, &pairs)
    }
}

fn ended(word: &str) -> Option<Ended> {
    Ended::ALL.into_iter().find(|ended| ended.word() == word)
}

/// `GET /audit?action=&actor_id=&result=&from=&to=&cursor=`: the newest first.
pub async fn show(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    let frame = Frame::of(web, request).await?;
    let zone = &frame.setup.business.zone;
    let wanted = Wanted::read(request.query()?, zone)?;
    let limit = Limit::parse(Some(ROWS)).expect("it is within bounds");
    let page = web.app.audit_trail(business, wanted.filter(), limit).await?;
    let (from, until) = (text_of(wanted.days.from), text_of(wanted.days.to));
    let moments = [("from", &from[..]), ("to", &until), ("", "")];
    let file = wanted.address(&frame, "/audit/export", moments);
    let earlier = page.rows.last().filter(|_| page.more).map(|row| {
        let (from, to) = (wanted.days.first_day(), wanted.days.last_day());
        let seq = row.seq.to_string();
        wanted.address(&frame, "/audit", [("from", &from), ("to", &to), ("cursor", &seq)])
    });
    let main = html! {
        h1 { "Audit log" }
        p.muted { "Who did what, and what was refused. Nobody can change a row unnoticed." }
        (form(&frame, &wanted, &file))
        @if page.rows.is_empty() {
            p.empty { "No row fits." }
        } @else {
            (table(zone, &page.rows))
        }
        @if let Some(earlier) = earlier { p { a.button href=(earlier) { "Earlier" } } }
    };
    Ok(frame.page("/audit", "Audit log", &main))
}

fn form(frame: &Frame, wanted: &Wanted, file: &str) -> Markup {
    html! {
        form.filters method="get" action="/audit" {
            (frame.hidden())
            (wanted.days.fields())
            label for="action" { "Action" }
            input id="action" name="action" value=(wanted.action) placeholder="add_appointment";
            label for="actor_id" { "By (id)" }
            input id="actor_id" name="actor_id" value=(wanted.actor_id);
            label for="result" { "Result" }
            select id="result" name="result" {
                option value="" { "Any" }
                @for ended in Ended::ALL {
                    option value=(ended.word()) selected[ended.word() == wanted.result] {
                        (ended.word())
                    }
                }
            }
            button type="submit" { "Show" }
            a.button.plain href=(file) { "Export CSV" }
        }
    }
}

fn table(zone: &TimeZone, rows: &[Kept]) -> Markup {
    html! {
        div.table tabindex="0" role="region" aria-label="Audit log" {
            table {
                thead { tr {
                    th scope="col" { "When" } th scope="col" { "Who" } th scope="col" { "What" }
                    th scope="col" { "From where" } th scope="col" { "Result" }
                } }
                tbody { @for row in rows { (line(zone, row)) } }
            }
        }
    }
}

fn line(zone: &TimeZone, row: &Kept) -> Markup {
    let colour = if row.ended.word() == "done" { "ok" } else { "bad" };
    html! {
        tr {
            td { (moment(zone, row.at)) small { "#" (row.seq) } }
            td { (row.actor) small { (row.actor_id) } }
            td { (row.action) small { (row.object_id) } }
            td { (row.address) }
            td {
                span class=(format!("chip {colour}")) { (row.ended.word()) }
                @if row.many > 1 { " × " (row.many) }
                @if !row.reason.is_empty() { small { (row.reason) } }
            }
        }
    }
}

fn text_of(day: Option<(Date, Timestamp)>) -> String {
    day.map_or_else(String::new, |(_, at)| at.to_string())
}
