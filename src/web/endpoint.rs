//! Everything that can be asked for, one name each.
//!
//! Never says how; that is the route table.

/// Everything that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// A provider delivers an event.
    Hook,
    /// An agent calls a tool.
    Tool,
    /// A call comes in: who is it?
    Inbound,
    /// Is the process alive?
    Health,
    /// Can it do its work?
    Readiness,
    /// A calendar by its secret address.
    Feed,
    /// A page of calls.
    ListCalls,
    /// One call with all that belongs to it.
    ShowCall,
    /// Have somebody called.
    PlaceCall,
    /// Say what a call is about.
    LinkCall,
    /// End a call.
    HangUp,
    /// A page of recordings.
    ListRecordings,
    /// One recording.
    ShowRecording,
    /// Its audio.
    PlayRecording,
    /// Try again to bring it where it belongs.
    RetryRecording,
    /// Make a link to it for a browser.
    LinkRecording,
    /// Its audio, by such a link.
    PlayLinkedRecording,
    /// A page of what calls can be about.
    ListProperties,
    /// Add something that calls can be about.
    AddProperty,
    /// One of them.
    ShowProperty,
    /// Change one of them.
    ChangeProperty,
    /// Remove one of them.
    RemoveProperty,
    /// The calls about one of them.
    PropertyCalls,
    /// How the voice accounts are doing.
    Diagnostics,
    /// The business of the key.
    ListBusinesses,
    /// Change it.
    ChangeBusiness,
    /// Every branch.
    ListBranches,
    /// Add a branch.
    AddBranch,
    /// One branch.
    ShowBranch,
    /// Change a branch.
    ChangeBranch,
    /// Remove a branch.
    RemoveBranch,
    /// Every service.
    ListServices,
    /// Add a service.
    AddService,
    /// One service.
    ShowService,
    /// Change a service.
    ChangeService,
    /// Remove a service.
    RemoveService,
    /// Every staff member.
    ListAllStaff,
    /// Add a staff member.
    AddStaff,
    /// One staff member.
    ShowStaff,
    /// Change a staff member.
    ChangeStaff,
    /// Remove a staff member.
    RemoveStaff,
    /// Weekly hours of every branch, and days with others.
    ListHours,
    /// Add days with other hours.
    AddException,
    /// Remove days with other hours.
    RemoveException,
    /// Free times, and why others are not.
    Availability,
    /// A page of appointments.
    ListAppointments,
    /// Appointments as CSV.
    ExportAppointments,
    /// Book.
    AddAppointment,
    /// One appointment.
    ShowAppointment,
    /// Correct whom an appointment is for.
    CorrectAppointment,
    /// Move an appointment.
    MoveAppointment,
    /// Call an appointment off.
    CancelAppointment,
    /// An appointment took place.
    CompleteAppointment,
    /// Nobody came to an appointment.
    MissAppointment,
    /// What was done to an appointment.
    AppointmentHistory,
    /// A page of customers.
    ListCustomers,
    /// Add a customer.
    AddCustomer,
    /// One customer.
    ShowCustomer,
    /// Change a customer.
    ChangeCustomer,
    /// Make one customer of two.
    MergeCustomers,
    /// A page of the waiting list.
    ListWaiting,
    /// Add somebody to the waiting list.
    AddWaiting,
    /// Somebody is booked or waits no more.
    ChangeWaiting,
    /// A page of messages.
    ListMessages,
    /// A message was seen to.
    ChangeMessage,
    /// Calendars with a secret address.
    ListFeeds,
    /// Make one.
    AddFeed,
    /// Take one back.
    RemoveFeed,
    /// Choose a password by a link.
    Register,
    /// Log in.
    Login,
    /// Spend a refresh token.
    Refresh,
    /// End the session.
    Logout,
    /// Ask for a link to choose a new password.
    ForgotPassword,
    /// Choose a new password by a link.
    ResetPassword,
    /// Choose a new password.
    ChangePassword,
    /// Make a secret for an authenticator app.
    BeginTotp,
    /// Show a code of the app.
    ConfirmTotp,
    /// Switch the second factor off.
    EndTotp,
    /// Who is logged in.
    ShowMe,
    /// The sessions of whoever is logged in.
    ListSessions,
    /// End one of them.
    EndSession,
    /// The people of the business.
    ListUsers,
    /// Ask somebody to be one of them.
    InviteUser,
    /// One of them.
    ShowUser,
    /// Change what somebody may do.
    ChangeUser,
    /// Somebody is none of them any more.
    RemoveUser,
    /// The keys of the business.
    ListKeys,
    /// Make a key.
    AddKey,
    /// Take a key back.
    RevokeKey,
    /// A page of the audit trail.
    ListAudit,
    /// The audit trail as CSV.
    ExportAudit,
    /// Everything that is kept of a person.
    ExportPerson,
    /// Forget a person.
    ErasePerson,
    /// How far that is.
    ShowErasure,
    /// A trial message to whoever asks.
    TryMail,
    /// Background jobs that failed too often.
    ListJobs,
    /// Try one again.
    RetryJob,
    /// Give one up.
    DiscardJob,
    /// Whom to tell of a hole.
    SecurityText,
    /// The figures of the program.
    Metrics,
    /// The interface as a document.
    OpenApi,
    /// Where one begins who is logged in.
    HomePage,
    /// How pages look.
    Stylesheet,
    /// Where one logs in.
    LoginPage,
    /// Logging in by a page.
    LoginForm,
    /// Logging out by a page.
    LogoutForm,
    /// Where one asks for a new password.
    ForgotPage,
    /// Asking for it.
    ForgotForm,
    /// Where one chooses a password by a link.
    PasswordPage,
    /// Choosing it.
    PasswordForm,
    /// Which business one means.
    BusinessesPage,
    /// Who may do what.
    AccessPage,
    /// The book of record, by time.
    AppointmentsPage,
    /// An appointment and its history.
    AppointmentPage,
    /// Who did what.
    AuditPage,
    /// The same as a file.
    AuditFile,
}

impl Endpoint {
    /// Its name in the audit trail and in the OpenAPI document: `add_appointment`.
    pub fn word(self) -> String {
        let name = format!("{self:?}");
        let mut word = String::with_capacity(name.len() + 4);
        for letter in name.chars() {
            if letter.is_uppercase() && !word.is_empty() {
                word.push('_');
            }
            word.extend(letter.to_lowercase());
        }
        word
    }

    /// Whether it hands out so much, or so private a thing, that reading it is noted.
    pub fn reads_in_bulk(self) -> bool {
        matches!(
            self,
            Self::ExportAppointments
                | Self::ExportAudit
                | Self::AuditFile
                | Self::ExportPerson
                | Self::PlayRecording
        )
    }
}
