//! The catalogue of live tools: what an agent may call while it talks.
//!
//! One catalogue serves every voice provider. Never holds a provider's envelope; answers are in
//! `answer`, arguments in `parameters`.

use super::call::Deed;

/// The longest deadline of a tool, in milliseconds.
pub const DEADLINE_LONGEST_MS: u32 = 2_500;

/// A tool that an agent may call while it talks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tool {
    /// What can be booked.
    ListServices,
    /// Where it can be booked.
    ListBranches,
    /// When it can be booked.
    CheckAvailability,
    /// What else is free around a time that is not.
    GetAlternatives,
    /// Gather what a booking needs, piece by piece.
    CollectAppointmentData,
    /// Book it.
    BookAppointment,
    /// Go to another time.
    RescheduleAppointment,
    /// Call it off.
    CancelAppointment,
    /// What the caller has booked.
    FindMyAppointments,
    /// Who the caller is.
    CollectCustomerInfo,
    /// When the business is open.
    BusinessHours,
    /// Something to pass on.
    TakeMessage,
    /// Why a time is not offered.
    ExplainUnavailable,
}

/// What a caller must have shown before a tool does its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Nothing: it tells what anybody may know, or makes something new.
    Anyone,
    /// That the appointment is theirs: by the number they call from, else by its confirmation
    /// digits.
    OwnAppointments,
}

impl Tool {
    /// Every tool there is.
    pub const ALL: [Self; 13] = [
        Self::ListServices,
        Self::ListBranches,
        Self::CheckAvailability,
        Self::GetAlternatives,
        Self::CollectAppointmentData,
        Self::BookAppointment,
        Self::RescheduleAppointment,
        Self::CancelAppointment,
        Self::FindMyAppointments,
        Self::CollectCustomerInfo,
        Self::BusinessHours,
        Self::TakeMessage,
        Self::ExplainUnavailable,
    ];

    /// The name under which agents call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ListServices => "list_services",
            Self::ListBranches => "list_branches",
            Self::CheckAvailability => "check_availability",
            Self::GetAlternatives => "get_alternatives",
            Self::CollectAppointmentData => "collect_appointment_data",
            Self::BookAppointment => "book_appointment",
            Self::RescheduleAppointment => "reschedule_appointment",
            Self::CancelAppointment => "cancel_appointment",
            Self::FindMyAppointments => "find_my_appointments",
            Self::CollectCustomerInfo => "collect_customer_info",
            Self::BusinessHours => "business_hours",
            Self::TakeMessage => "take_message",
            Self::ExplainUnavailable => "explain_unavailable",
        }
    }

    /// What it does, for the agent's model.
    pub fn description(self) -> &'static str {
        match self {
            Self::ListServices => {
                "Lists what can be booked and how long each takes. Call it when the caller asks \
                 what is offered or names something unknown."
            }
            Self::ListBranches => {
                "Lists the places where the business serves. Call it when the caller asks where, \
                 or when there are several and none was named."
            }
            Self::CheckAvailability => {
                "Finds free times for a service. Call it before offering any time: only times \
                 that it gives are free. It gives at most three; ask again for another day."
            }
            Self::GetAlternatives => {
                "Finds what is free nearest to a time that cannot be had: earlier, later, with \
                 somebody else or at another branch."
            }
            Self::CollectAppointmentData => {
                "Takes what the caller has told so far for a booking and says what is still \
                 missing. When all is there it sets the time aside for this call and gives a \
                 sentence to agree to; then call book_appointment. With waiting_list it puts the \
                 caller on the waiting list."
            }
            Self::BookAppointment => {
                "Books a time that was offered. Call it once the caller chose a time and gave a \
                 name. The appointment exists only when the answer's data says booked."
            }
            Self::RescheduleAppointment => {
                "Moves an appointment of the caller to another time. Check for free times first. \
                 It is moved only when the answer's data says moved."
            }
            Self::CancelAppointment => {
                "Calls off an appointment of the caller. It is cancelled only when the answer's \
                 data says cancelled."
            }
            Self::FindMyAppointments => {
                "Tells the caller's own appointments ahead. Call it when the caller asks about, \
                 moves or cancels an appointment without saying which."
            }
            Self::CollectCustomerInfo => {
                "Notes the caller's name, number or e-mail address as heard, and gives back how \
                 to read it to them. Call it with whatever was just said."
            }
            Self::BusinessHours => {
                "Tells when the business is open, on one day or in a usual week."
            }
            Self::TakeMessage => {
                "Notes a message that the business should get. Call it when nothing else helps."
            }
            Self::ExplainUnavailable => {
                "Says why a time is not offered. Call it when the caller asks why not."
            }
        }
    }

    /// What a caller says that this tool answers.
    pub fn example(self) -> &'static str {
        match self {
            Self::ListServices => "What do you offer?",
            Self::ListBranches => "Where are you?",
            Self::CheckAvailability => "Do you have anything on Tuesday afternoon?",
            Self::GetAlternatives => "What else is free around then?",
            Self::CollectAppointmentData => "I would like a check-up next week, I am Robin.",
            Self::BookAppointment => "Half past nine is fine, my name is Robin Example.",
            Self::RescheduleAppointment => "Can we make it Thursday instead?",
            Self::CancelAppointment => "I cannot come tomorrow, please cancel it.",
            Self::FindMyAppointments => "When is my appointment?",
            Self::CollectCustomerInfo => "My number is four one five, five five five…",
            Self::BusinessHours => "Are you open on Saturday?",
            Self::TakeMessage => "Please tell the doctor that I called.",
            Self::ExplainUnavailable => "Why can I not come at noon?",
        }
    }

    /// How long it may take to be answered, in milliseconds, when `[limits] tool_deadline_ms` is
    /// [`DEADLINE_LONGEST_MS`]; with another one it is longer or shorter in proportion.
    pub fn deadline_ms(self) -> u32 {
        match self {
            Self::ListServices
            | Self::ListBranches
            | Self::BusinessHours
            | Self::CollectCustomerInfo
            | Self::TakeMessage => 1_500,
            Self::CheckAvailability
            | Self::GetAlternatives
            | Self::ExplainUnavailable
            | Self::FindMyAppointments => 2_000,
            Self::CollectAppointmentData
            | Self::BookAppointment
            | Self::RescheduleAppointment
            | Self::CancelAppointment => DEADLINE_LONGEST_MS,
        }
    }

    /// What the caller must have shown.
    pub fn permission(self) -> Permission {
        match self {
            Self::RescheduleAppointment | Self::CancelAppointment | Self::FindMyAppointments => {
                Permission::OwnAppointments
            }
            Self::ListServices
            | Self::ListBranches
            | Self::CheckAvailability
            | Self::GetAlternatives
            | Self::CollectAppointmentData
            | Self::BookAppointment
            | Self::CollectCustomerInfo
            | Self::BusinessHours
            | Self::TakeMessage
            | Self::ExplainUnavailable => Permission::Anyone,
        }
    }

    /// What it has done in a call when it went well.
    pub fn deed(self) -> Option<Deed> {
        match self {
            Self::BookAppointment => Some(Deed::Booked),
            Self::RescheduleAppointment => Some(Deed::Moved),
            Self::CancelAppointment => Some(Deed::Cancelled),
            Self::TakeMessage => Some(Deed::Message),
            Self::ListServices
            | Self::ListBranches
            | Self::CheckAvailability
            | Self::GetAlternatives
            | Self::CollectAppointmentData
            | Self::FindMyAppointments
            | Self::CollectCustomerInfo
            | Self::BusinessHours
            | Self::ExplainUnavailable => None,
        }
    }

    /// Whether it changes an appointment, so that its answers say plainly whether it did.
    pub fn changes(self) -> bool {
        match self {
            Self::BookAppointment | Self::RescheduleAppointment | Self::CancelAppointment => true,
            Self::ListServices
            | Self::ListBranches
            | Self::CheckAvailability
            | Self::GetAlternatives
            | Self::CollectAppointmentData
            | Self::FindMyAppointments
            | Self::CollectCustomerInfo
            | Self::BusinessHours
            | Self::TakeMessage
            | Self::ExplainUnavailable => false,
        }
    }

    /// The tool of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name() == name)
    }
}
