//! The route table: every URL that is served, with its method and its policy, and its handler.
//!
//! An entry cannot be written without its policy, and nothing else is served.

use axum::response::Response;
use http::{Method, StatusCode};

pub use super::endpoint::Endpoint;
use super::route::{Admitted, BodyLimit, Caller, Idempotency, Policy, RateClass, Route};
use super::{Web, api, feeds, health, hooks, metrics, openapi, reply, tools};
use crate::app::AppError;
use crate::domain::access::Scope;
use crate::domain::scheduling::book::Change;

const PROBE: Policy = Policy {
    caller: Caller::Anyone,
    rate: RateClass::Free,
    body: BodyLimit::Empty,
    idempotency: Idempotency::Safe,
};

const SECRET: Policy = Policy { caller: Caller::Secret, ..PROBE };

const fn provider(idempotency: Idempotency) -> Policy {
    Policy {
        caller: Caller::Provider,
        rate: RateClass::Signed,
        body: BodyLimit::Standard,
        idempotency,
    }
}

/// Shows something.
const fn reads(scope: Scope) -> Policy {
    Policy {
        caller: Caller::Business(scope),
        rate: RateClass::Api,
        body: BodyLimit::Empty,
        idempotency: Idempotency::Safe,
    }
}

/// Makes something new of what is sent.
const fn makes(scope: Scope) -> Policy {
    Policy { body: BodyLimit::Standard, idempotency: Idempotency::ByKey, ..reads(scope) }
}

/// Changes something to what is sent.
const fn changes(scope: Scope) -> Policy {
    Policy { body: BodyLimit::Standard, idempotency: Idempotency::Settles, ..reads(scope) }
}

/// Changes something in the one way that the path says.
const fn ends(scope: Scope) -> Policy {
    Policy { idempotency: Idempotency::Settles, ..reads(scope) }
}

/// Removes something.
const fn removes(scope: Scope) -> Policy {
    ends(scope)
}

/// Something that anybody may try, a few times.
const fn tries(idempotency: Idempotency) -> Policy {
    Policy {
        caller: Caller::Anyone,
        rate: RateClass::Tries,
        body: BodyLimit::Standard,
        idempotency,
    }
}

/// Something of whoever is logged in.
const fn own(body: BodyLimit, idempotency: Idempotency) -> Policy {
    Policy { caller: Caller::User, rate: RateClass::Api, body, idempotency }
}

const OWN_READ: Policy = own(BodyLimit::Empty, Idempotency::Safe);
const OWN_END: Policy = own(BodyLimit::Empty, Idempotency::Settles);
const OWN_CHANGE: Policy = own(BodyLimit::Standard, Idempotency::Settles);

/// Books an appointment.
const BOOKS: Policy = Policy { rate: RateClass::Booking, ..makes(Scope::AppointmentsWrite) };

/// Looks at how things are doing.
const DIAGNOSES: Policy = Policy { rate: RateClass::Diagnostics, ..reads(Scope::CallsRead) };

/// Hands out what is kept of somebody: a question with a body, for no name is to stand in an address.
const EXPORTS: Policy = Policy { idempotency: Idempotency::Safe, ..makes(Scope::PrivacyWrite) };

/// Sends a message.
const SENDS: Policy = Policy { idempotency: Idempotency::Renews, ..reads(Scope::UsersWrite) };

/// Has somebody called.
const PLACES: Policy = Policy { rate: RateClass::Outbound, ..makes(Scope::CallsWrite) };

const fn route(endpoint: Endpoint, method: Method, path: &'static str, policy: Policy) -> Route {
    Route { endpoint, method, path, policy }
}

/// Every route there is.
pub const TABLE: &[Route] = &[
    route(Endpoint::Hook, Method::POST, "/hooks/{account}", provider(Idempotency::ByBody)),
    route(Endpoint::Hook, Method::POST, "/hooks/{account}/{token}", provider(Idempotency::ByBody)),
    route(Endpoint::Hook, Method::GET, "/hooks/{account}/{token}", provider(Idempotency::ByBody)),
    route(Endpoint::Tool, Method::POST, "/tools/{account}", provider(Idempotency::ByQuestion)),
    route(
        Endpoint::Tool,
        Method::POST,
        "/tools/{account}/{tool}",
        provider(Idempotency::ByQuestion),
    ),
    route(Endpoint::Inbound, Method::POST, "/inbound/{account}", provider(Idempotency::Settles)),
    route(
        Endpoint::Inbound,
        Method::POST,
        "/inbound/{account}/{token}",
        provider(Idempotency::Settles),
    ),
    route(
        Endpoint::Inbound,
        Method::GET,
        "/inbound/{account}/{token}",
        provider(Idempotency::Settles),
    ),
    route(Endpoint::Health, Method::GET, "/healthz", PROBE),
    route(Endpoint::Readiness, Method::GET, "/readyz", PROBE),
    route(Endpoint::Feed, Method::GET, "/feeds/{file}", SECRET),
    route(Endpoint::ListCalls, Method::GET, "/api/v1/calls", reads(Scope::CallsRead)),
    route(Endpoint::ShowCall, Method::GET, "/api/v1/calls/{id}", reads(Scope::CallsRead)),
    route(Endpoint::PlaceCall, Method::POST, "/api/v1/calls", PLACES),
    route(Endpoint::LinkCall, Method::PATCH, "/api/v1/calls/{id}", changes(Scope::CallsWrite)),
    route(Endpoint::HangUp, Method::POST, "/api/v1/calls/{id}/hang-up", ends(Scope::CallsWrite)),
    route(
        Endpoint::ListProperties,
        Method::GET,
        "/api/v1/properties",
        reads(Scope::PropertiesRead),
    ),
    route(Endpoint::AddProperty, Method::POST, "/api/v1/properties", makes(Scope::PropertiesWrite)),
    route(
        Endpoint::ShowProperty,
        Method::GET,
        "/api/v1/properties/{id}",
        reads(Scope::PropertiesRead),
    ),
    route(
        Endpoint::ChangeProperty,
        Method::PATCH,
        "/api/v1/properties/{id}",
        changes(Scope::PropertiesWrite),
    ),
    route(
        Endpoint::RemoveProperty,
        Method::DELETE,
        "/api/v1/properties/{id}",
        removes(Scope::PropertiesWrite),
    ),
    route(
        Endpoint::PropertyCalls,
        Method::GET,
        "/api/v1/properties/{id}/calls",
        reads(Scope::CallsRead),
    ),
    route(Endpoint::Diagnostics, Method::GET, "/api/v1/diagnostics", DIAGNOSES),
    route(Endpoint::ListBusinesses, Method::GET, "/api/v1/businesses", reads(Scope::ScheduleRead)),
    route(
        Endpoint::ChangeBusiness,
        Method::PATCH,
        "/api/v1/businesses/{id}",
        changes(Scope::ScheduleWrite),
    ),
    route(Endpoint::ListBranches, Method::GET, "/api/v1/branches", reads(Scope::ScheduleRead)),
    route(Endpoint::AddBranch, Method::POST, "/api/v1/branches", makes(Scope::ScheduleWrite)),
    route(Endpoint::ShowBranch, Method::GET, "/api/v1/branches/{id}", reads(Scope::ScheduleRead)),
    route(
        Endpoint::ChangeBranch,
        Method::PATCH,
        "/api/v1/branches/{id}",
        changes(Scope::ScheduleWrite),
    ),
    route(
        Endpoint::RemoveBranch,
        Method::DELETE,
        "/api/v1/branches/{id}",
        removes(Scope::ScheduleWrite),
    ),
    route(Endpoint::ListServices, Method::GET, "/api/v1/services", reads(Scope::ScheduleRead)),
    route(Endpoint::AddService, Method::POST, "/api/v1/services", makes(Scope::ScheduleWrite)),
    route(Endpoint::ShowService, Method::GET, "/api/v1/services/{id}", reads(Scope::ScheduleRead)),
    route(
        Endpoint::ChangeService,
        Method::PATCH,
        "/api/v1/services/{id}",
        changes(Scope::ScheduleWrite),
    ),
    route(
        Endpoint::RemoveService,
        Method::DELETE,
        "/api/v1/services/{id}",
        removes(Scope::ScheduleWrite),
    ),
    route(Endpoint::ListAllStaff, Method::GET, "/api/v1/staff", reads(Scope::ScheduleRead)),
    route(Endpoint::AddStaff, Method::POST, "/api/v1/staff", makes(Scope::ScheduleWrite)),
    route(Endpoint::ShowStaff, Method::GET, "/api/v1/staff/{id}", reads(Scope::ScheduleRead)),
    route(
        Endpoint::ChangeStaff,
        Method::PATCH,
        "/api/v1/staff/{id}",
        changes(Scope::ScheduleWrite),
    ),
    route(
        Endpoint::RemoveStaff,
        Method::DELETE,
        "/api/v1/staff/{id}",
        removes(Scope::ScheduleWrite),
    ),
    route(Endpoint::ListHours, Method::GET, "/api/v1/hours", reads(Scope::ScheduleRead)),
    route(
        Endpoint::AddException,
        Method::POST,
        "/api/v1/hours/exceptions",
        makes(Scope::ScheduleWrite),
    ),
    route(
        Endpoint::RemoveException,
        Method::DELETE,
        "/api/v1/hours/exceptions/{id}",
        removes(Scope::ScheduleWrite),
    ),
    route(Endpoint::Availability, Method::GET, "/api/v1/availability", reads(Scope::ScheduleRead)),
    route(
        Endpoint::ListAppointments,
        Method::GET,
        "/api/v1/appointments",
        reads(Scope::AppointmentsRead),
    ),
    route(
        Endpoint::ExportAppointments,
        Method::GET,
        "/api/v1/appointments/export",
        reads(Scope::AppointmentsRead),
    ),
    route(Endpoint::AddAppointment, Method::POST, "/api/v1/appointments", BOOKS),
    route(
        Endpoint::ShowAppointment,
        Method::GET,
        "/api/v1/appointments/{id}",
        reads(Scope::AppointmentsRead),
    ),
    route(
        Endpoint::CorrectAppointment,
        Method::PATCH,
        "/api/v1/appointments/{id}",
        changes(Scope::AppointmentsWrite),
    ),
    route(
        Endpoint::MoveAppointment,
        Method::POST,
        "/api/v1/appointments/{id}/move",
        changes(Scope::AppointmentsWrite),
    ),
    route(
        Endpoint::CancelAppointment,
        Method::POST,
        "/api/v1/appointments/{id}/cancel",
        ends(Scope::AppointmentsWrite),
    ),
    route(
        Endpoint::CompleteAppointment,
        Method::POST,
        "/api/v1/appointments/{id}/complete",
        ends(Scope::AppointmentsWrite),
    ),
    route(
        Endpoint::MissAppointment,
        Method::POST,
        "/api/v1/appointments/{id}/no-show",
        ends(Scope::AppointmentsWrite),
    ),
    route(
        Endpoint::AppointmentHistory,
        Method::GET,
        "/api/v1/appointments/{id}/history",
        reads(Scope::AppointmentsRead),
    ),
    route(Endpoint::ListCustomers, Method::GET, "/api/v1/customers", reads(Scope::CustomersRead)),
    route(Endpoint::AddCustomer, Method::POST, "/api/v1/customers", makes(Scope::CustomersWrite)),
    route(
        Endpoint::ShowCustomer,
        Method::GET,
        "/api/v1/customers/{id}",
        reads(Scope::CustomersRead),
    ),
    route(
        Endpoint::ChangeCustomer,
        Method::PATCH,
        "/api/v1/customers/{id}",
        changes(Scope::CustomersWrite),
    ),
    route(
        Endpoint::MergeCustomers,
        Method::POST,
        "/api/v1/customers/{id}/merge",
        changes(Scope::CustomersWrite),
    ),
    route(
        Endpoint::ListWaiting,
        Method::GET,
        "/api/v1/waiting-list",
        reads(Scope::AppointmentsRead),
    ),
    route(
        Endpoint::AddWaiting,
        Method::POST,
        "/api/v1/waiting-list",
        makes(Scope::AppointmentsWrite),
    ),
    route(
        Endpoint::ChangeWaiting,
        Method::PATCH,
        "/api/v1/waiting-list/{id}",
        changes(Scope::AppointmentsWrite),
    ),
    route(Endpoint::ListMessages, Method::GET, "/api/v1/messages", reads(Scope::MessagesRead)),
    route(
        Endpoint::ChangeMessage,
        Method::PATCH,
        "/api/v1/messages/{id}",
        changes(Scope::MessagesWrite),
    ),
    route(Endpoint::ListFeeds, Method::GET, "/api/v1/feeds", reads(Scope::FeedsWrite)),
    route(Endpoint::AddFeed, Method::POST, "/api/v1/feeds", makes(Scope::FeedsWrite)),
    route(Endpoint::RemoveFeed, Method::DELETE, "/api/v1/feeds/{id}", removes(Scope::FeedsWrite)),
    route(Endpoint::Register, Method::POST, "/api/v1/auth/register", tries(Idempotency::Settles)),
    route(Endpoint::Login, Method::POST, "/api/v1/auth/login", tries(Idempotency::Renews)),
    route(Endpoint::Refresh, Method::POST, "/api/v1/auth/refresh", tries(Idempotency::Renews)),
    route(Endpoint::Logout, Method::POST, "/api/v1/auth/logout", OWN_END),
    route(
        Endpoint::ForgotPassword,
        Method::POST,
        "/api/v1/auth/password/forgot",
        tries(Idempotency::Renews),
    ),
    route(
        Endpoint::ResetPassword,
        Method::POST,
        "/api/v1/auth/password/reset",
        tries(Idempotency::Settles),
    ),
    route(Endpoint::ChangePassword, Method::POST, "/api/v1/auth/password/change", OWN_CHANGE),
    route(Endpoint::BeginTotp, Method::POST, "/api/v1/auth/totp", OWN_CHANGE),
    route(Endpoint::ConfirmTotp, Method::POST, "/api/v1/auth/totp/confirm", OWN_CHANGE),
    route(Endpoint::EndTotp, Method::POST, "/api/v1/auth/totp/off", OWN_CHANGE),
    route(Endpoint::ShowMe, Method::GET, "/api/v1/auth/me", OWN_READ),
    route(Endpoint::ListSessions, Method::GET, "/api/v1/sessions", OWN_READ),
    route(Endpoint::EndSession, Method::DELETE, "/api/v1/sessions/{id}", OWN_END),
    route(Endpoint::ListUsers, Method::GET, "/api/v1/users", reads(Scope::UsersRead)),
    route(Endpoint::InviteUser, Method::POST, "/api/v1/users", makes(Scope::UsersWrite)),
    route(Endpoint::ShowUser, Method::GET, "/api/v1/users/{id}", reads(Scope::UsersRead)),
    route(Endpoint::ChangeUser, Method::PATCH, "/api/v1/users/{id}", changes(Scope::UsersWrite)),
    route(Endpoint::RemoveUser, Method::DELETE, "/api/v1/users/{id}", removes(Scope::UsersWrite)),
    route(Endpoint::ListKeys, Method::GET, "/api/v1/keys", reads(Scope::KeysWrite)),
    route(Endpoint::AddKey, Method::POST, "/api/v1/keys", makes(Scope::KeysWrite)),
    route(Endpoint::RevokeKey, Method::DELETE, "/api/v1/keys/{id}", removes(Scope::KeysWrite)),
    route(Endpoint::ListAudit, Method::GET, "/api/v1/audit", reads(Scope::AuditRead)),
    route(Endpoint::ExportAudit, Method::GET, "/api/v1/audit/export", reads(Scope::AuditRead)),
    route(Endpoint::ExportPerson, Method::POST, "/api/v1/privacy/export", EXPORTS),
    route(
        Endpoint::ErasePerson,
        Method::POST,
        "/api/v1/privacy/erasures",
        makes(Scope::PrivacyWrite),
    ),
    route(
        Endpoint::ShowErasure,
        Method::GET,
        "/api/v1/privacy/erasures/{id}",
        reads(Scope::PrivacyWrite),
    ),
    route(Endpoint::TryMail, Method::POST, "/api/v1/mail/test", SENDS),
    route(Endpoint::SecurityText, Method::GET, "/.well-known/security.txt", PROBE),
    route(Endpoint::Metrics, Method::GET, "/metrics", PROBE),
    route(Endpoint::OpenApi, Method::GET, "/openapi.json", PROBE),
];

/// Answers a request that met its policy.
#[expect(clippy::too_many_lines, reason = "one line an endpoint, and nothing else")]
pub async fn answer(
    web: &Web,
    endpoint: Endpoint,
    request: Admitted,
) -> Result<Response, AppError> {
    match endpoint {
        Endpoint::Hook => hooks::take_in(web, request).await,
        Endpoint::Tool => tools::call(web, request).await,
        Endpoint::Inbound => hooks::welcome(web, request).await,
        Endpoint::Health => Ok(reply::status(StatusCode::OK)),
        Endpoint::Readiness => health::ready(web).await,
        Endpoint::Feed => feeds::show(web, &request).await,
        Endpoint::ListCalls => api::calls::list(web, &request).await,
        Endpoint::ShowCall => api::calls::show(web, &request).await,
        Endpoint::PlaceCall => api::placing::place(web, &request).await,
        Endpoint::LinkCall => api::placing::link(web, &request).await,
        Endpoint::HangUp => api::placing::hang_up(web, &request).await,
        Endpoint::ListProperties => api::properties::list(web, &request).await,
        Endpoint::AddProperty => api::properties::add(web, &request).await,
        Endpoint::ShowProperty => api::properties::show(web, &request).await,
        Endpoint::ChangeProperty => api::properties::change(web, &request).await,
        Endpoint::RemoveProperty => api::properties::remove(web, &request).await,
        Endpoint::PropertyCalls => api::properties::calls(web, &request).await,
        Endpoint::Diagnostics => api::diagnostics::show(web, &request).await,
        Endpoint::ListBusinesses => api::businesses::list(web, &request).await,
        Endpoint::ChangeBusiness => api::businesses::change(web, &request).await,
        Endpoint::ListBranches => api::branches::list(web, &request).await,
        Endpoint::AddBranch => api::branches::add(web, &request).await,
        Endpoint::ShowBranch => api::branches::show(web, &request).await,
        Endpoint::ChangeBranch => api::branches::change(web, &request).await,
        Endpoint::RemoveBranch => api::branches::remove(web, &request).await,
        Endpoint::ListServices => api::services::list(web, &request).await,
        Endpoint::AddService => api::services::add(web, &request).await,
        Endpoint::ShowService => api::services::show(web, &request).await,
        Endpoint::ChangeService => api::services::change(web, &request).await,
        Endpoint::RemoveService => api::services::remove(web, &request).await,
        Endpoint::ListAllStaff => api::staff::list(web, &request).await,
        Endpoint::AddStaff => api::staff::add(web, &request).await,
        Endpoint::ShowStaff => api::staff::show(web, &request).await,
        Endpoint::ChangeStaff => api::staff::change(web, &request).await,
        Endpoint::RemoveStaff => api::staff::remove(web, &request).await,
        Endpoint::ListHours => api::hours::list(web, &request).await,
        Endpoint::AddException => api::hours::add(web, &request).await,
        Endpoint::RemoveException => api::hours::remove(web, &request).await,
        Endpoint::Availability => api::availability::list(web, &request).await,
        Endpoint::ListAppointments => api::appointments::list(web, &request).await,
        Endpoint::ExportAppointments => api::export::appointments(web, &request).await,
        Endpoint::AddAppointment => api::booking::add(web, &request).await,
        Endpoint::ShowAppointment => api::appointments::show(web, &request).await,
        Endpoint::CorrectAppointment => api::booking::correct(web, &request).await,
        Endpoint::MoveAppointment => api::booking::move_to(web, &request).await,
        Endpoint::CancelAppointment => api::booking::end(web, &request, Change::Cancel).await,
        Endpoint::CompleteAppointment => api::booking::end(web, &request, Change::Complete).await,
        Endpoint::MissAppointment => api::booking::end(web, &request, Change::MissOut).await,
        Endpoint::AppointmentHistory => api::appointments::history(web, &request).await,
        Endpoint::ListCustomers => api::customers::list(web, &request).await,
        Endpoint::AddCustomer => api::customers::add(web, &request).await,
        Endpoint::ShowCustomer => api::customers::show(web, &request).await,
        Endpoint::ChangeCustomer => api::customers::change(web, &request).await,
        Endpoint::MergeCustomers => api::customers::merge(web, &request).await,
        Endpoint::ListWaiting => api::waiting::list(web, &request).await,
        Endpoint::AddWaiting => api::waiting::add(web, &request).await,
        Endpoint::ChangeWaiting => api::waiting::change(web, &request).await,
        Endpoint::ListMessages => api::messages::list(web, &request).await,
        Endpoint::ChangeMessage => api::messages::change(web, &request).await,
        Endpoint::ListFeeds => api::feeds::list(web, &request).await,
        Endpoint::AddFeed => api::feeds::add(web, &request).await,
        Endpoint::RemoveFeed => api::feeds::remove(web, &request).await,
        Endpoint::Register => api::auth::register(web, &request).await,
        Endpoint::Login => api::auth::log_in(web, &request).await,
        Endpoint::Refresh => api::auth::refresh(web, &request).await,
        Endpoint::Logout => api::auth::log_out(web, &request).await,
        Endpoint::ForgotPassword => api::auth::forgot(web, &request).await,
        Endpoint::ResetPassword => api::auth::reset(web, &request).await,
        Endpoint::ChangePassword => api::auth::change(web, &request).await,
        Endpoint::BeginTotp => api::auth::begin_totp(web, &request).await,
        Endpoint::ConfirmTotp => api::auth::confirm_totp(web, &request).await,
        Endpoint::EndTotp => api::auth::end_totp(web, &request).await,
        Endpoint::ShowMe => api::auth::me(web, &request).await,
        Endpoint::ListSessions => api::sessions::list(web, &request).await,
        Endpoint::EndSession => api::sessions::end(web, &request).await,
        Endpoint::ListUsers => api::users::list(web, &request).await,
        Endpoint::InviteUser => api::users::invite(web, &request).await,
        Endpoint::ShowUser => api::users::show(web, &request).await,
        Endpoint::ChangeUser => api::users::change(web, &request).await,
        Endpoint::RemoveUser => api::users::remove(web, &request).await,
        Endpoint::ListKeys => api::keys::list(web, &request).await,
        Endpoint::AddKey => api::keys::add(web, &request).await,
        Endpoint::RevokeKey => api::keys::revoke(web, &request).await,
        Endpoint::ListAudit => api::audit::list(web, &request).await,
        Endpoint::ExportAudit => api::audit::export(web, &request).await,
        Endpoint::ExportPerson => api::privacy::export(web, &request).await,
        Endpoint::ErasePerson => api::privacy::erase(web, &request).await,
        Endpoint::ShowErasure => api::privacy::show(web, &request).await,
        Endpoint::TryMail => api::mail::test(web, &request).await,
        Endpoint::SecurityText => health::security_text(web),
        Endpoint::Metrics => metrics::show(web, &request).await,
        Endpoint::OpenApi => Ok(openapi::show()),
    }
}
