//! The route table: every URL that is served, with its method and its policy.
//!
//! An entry cannot be written without its policy, and nothing else is served.

use http::Method;

pub use super::endpoint::Endpoint;
use super::route::{BodyLimit, Caller, Face, Idempotency, Policy, RateClass, Route};
use crate::domain::access::Scope;

const PROBE: Policy = Policy {
    caller: Caller::Anyone,
    rate: RateClass::Free,
    body: BodyLimit::Empty,
    idempotency: Idempotency::Safe,
    face: Face::Data,
};

const SECRET: Policy = Policy { caller: Caller::Secret, ..PROBE };

const fn provider(idempotency: Idempotency) -> Policy {
    Policy {
        caller: Caller::Provider,
        rate: RateClass::Signed,
        body: BodyLimit::Standard,
        idempotency,
        face: Face::Data,
    }
}

/// Shows something.
const fn reads(scope: Scope) -> Policy {
    Policy {
        caller: Caller::Business(scope),
        rate: RateClass::Api,
        body: BodyLimit::Empty,
        idempotency: Idempotency::Safe,
        face: Face::Data,
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
        face: Face::Data,
    }
}

/// Something of whoever is logged in.
const fn own(body: BodyLimit, idempotency: Idempotency) -> Policy {
    Policy { caller: Caller::User, rate: RateClass::Api, body, idempotency, face: Face::Data }
}

const OWN_READ: Policy = own(BodyLimit::Empty, Idempotency::Safe);
const OWN_END: Policy = own(BodyLimit::Empty, Idempotency::Settles);
const OWN_CHANGE: Policy = own(BodyLimit::Standard, Idempotency::Settles);

/// Something of the whole installation.
const fn runs(idempotency: Idempotency) -> Policy {
    Policy { caller: Caller::Operator, ..own(BodyLimit::Empty, idempotency) }
}

/// Books an appointment.
const BOOKS: Policy = Policy { rate: RateClass::Booking, ..makes(Scope::AppointmentsWrite) };

/// Looks at how things are doing.
const DIAGNOSES: Policy = Policy { rate: RateClass::Diagnostics, ..reads(Scope::CallsRead) };

/// Hands out what is kept of somebody: a question with a body, for no name is to stand in an address.
const EXPORTS: Policy = Policy { idempotency: Idempotency::Safe, ..makes(Scope::PrivacyWrite) };

/// Sends a message.
const SENDS: Policy = Policy { idempotency: Idempotency::Renews, ..reads(Scope::UsersWrite) };

/// Makes a link to a recording, a new one each time.
const LINKS: Policy = Policy { idempotency: Idempotency::Renews, ..reads(Scope::RecordingsRead) };

/// Has somebody called.
const PLACES: Policy = Policy { rate: RateClass::Outbound, ..makes(Scope::CallsWrite) };

/// A page for whoever comes.
const PAGE: Policy = Policy { face: Face::Page, ..PROBE };

/// A form that anybody may send, a few times.
const FORM: Policy = Policy { face: Face::Page, ..tries(Idempotency::Renews) };

/// A page for whoever is logged in.
const OWN_PAGE: Policy = Policy { face: Face::Page, ..OWN_READ };

/// A page for whoever has a role in the business.
const fn page(scope: Scope) -> Policy {
    Policy { caller: Caller::Person(scope), face: Face::Page, ..reads(scope) }
}

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
    route(
        Endpoint::ListRecordings,
        Method::GET,
        "/api/v1/recordings",
        reads(Scope::RecordingsRead),
    ),
    route(
        Endpoint::ShowRecording,
        Method::GET,
        "/api/v1/recordings/{id}",
        reads(Scope::RecordingsRead),
    ),
    route(
        Endpoint::PlayRecording,
        Method::GET,
        "/api/v1/recordings/{id}/audio",
        reads(Scope::RecordingsRead),
    ),
    route(
        Endpoint::RetryRecording,
        Method::POST,
        "/api/v1/recordings/{id}/retry",
        ends(Scope::RecordingsWrite),
    ),
    route(Endpoint::LinkRecording, Method::POST, "/api/v1/recordings/{id}/link", LINKS),
    route(Endpoint::PlayLinkedRecording, Method::GET, "/recordings/{token}", SECRET),
    route(Endpoint::ListMessages, Method::GET, "/api/v1/messages", reads(Scope::MessagesRead)),
    route(
        Endpoint::ChangeMessage,
        Method::PATCH,
        "/api/v1/messages/{id}",
        changes(Scope::MessagesWrite),
    ),
    route(Endpoint::ListJobs, Method::GET, "/api/v1/jobs", runs(Idempotency::Safe)),
    route(Endpoint::RetryJob, Method::POST, "/api/v1/jobs/{id}/retry", runs(Idempotency::Settles)),
    route(Endpoint::DiscardJob, Method::DELETE, "/api/v1/jobs/{id}", runs(Idempotency::Settles)),
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
    route(Endpoint::HomePage, Method::GET, "/", OWN_PAGE),
    route(Endpoint::Stylesheet, Method::GET, "/assets/app.css", PROBE),
    route(Endpoint::LoginPage, Method::GET, "/login", PAGE),
    route(Endpoint::LoginForm, Method::POST, "/login", FORM),
    route(Endpoint::LogoutForm, Method::POST, "/logout", Policy { face: Face::Page, ..OWN_CHANGE }),
    route(Endpoint::ForgotPage, Method::GET, "/forgot", PAGE),
    route(Endpoint::ForgotForm, Method::POST, "/forgot", FORM),
    route(Endpoint::PasswordPage, Method::GET, "/password", PAGE),
    route(Endpoint::PasswordForm, Method::POST, "/password", FORM),
    route(Endpoint::BusinessesPage, Method::GET, "/businesses", OWN_PAGE),
    route(Endpoint::AccessPage, Method::GET, "/access", OWN_PAGE),
    route(Endpoint::AppointmentsPage, Method::GET, "/appointments", page(Scope::AppointmentsRead)),
    route(
        Endpoint::AppointmentPage,
        Method::GET,
        "/appointments/{id}",
        page(Scope::AppointmentsRead),
    ),
    route(Endpoint::AuditPage, Method::GET, "/audit", page(Scope::AuditRead)),
    route(Endpoint::AuditFile, Method::GET, "/audit/export", page(Scope::AuditRead)),
];
