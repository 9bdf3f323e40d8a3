//! The agent's first sentence.
//!
//! Tells no more than the name that belongs to the number that calls.

use super::Language;

/// Greets; by name when it is known who calls.
pub fn opening(language: Language, business: &str, name: &str) -> String {
    let known = !name.is_empty();
    match (language, known) {
        (Language::English, true) => {
            format!("Hello {name}, this is {business}. How may I help you?")
        }
        (Language::English, false) => format!("Hello, this is {business}. How may I help you?"),
        (Language::German, true) => {
            format!("Guten Tag, {name}, hier ist {business}. Wie kann ich Ihnen helfen?")
        }
        (Language::German, false) => {
            format!("Guten Tag, hier ist {business}. Wie kann ich Ihnen helfen?")
        }
        (Language::Spanish, true) => {
            format!("Hola, {name}, habla {business}. ¿En qué puedo ayudarle?")
        }
        (Language::Spanish, false) => format!("Hola, habla {business}. ¿En qué puedo ayudarle?"),
        (Language::French, true) => {
            format!("Bonjour {name}, ici {business}. Comment puis-je vous aider ?")
        }
        (Language::French, false) => {
            format!("Bonjour, ici {business}. Comment puis-je vous aider ?")
        }
        (Language::Portuguese, true) => format!("Olá, {name}, fala {business}. Como posso ajudar?"),
        (Language::Portuguese, false) => format!("Olá, fala {business}. Como posso ajudar?"),
        (Language::Italian, true) => {
            format!("Buongiorno, {name}, qui {business}. Come posso aiutarla?")
        }
        (Language::Italian, false) => format!("Buongiorno, qui {business}. Come posso aiutarla?"),
    }
}

/// Says that the call is handed on, or that nobody can be reached.
pub fn handing_over(language: Language, can: bool) -> &'static str {
    match (language, can) {
        (Language::English, true) => "I will put you through now.",
        (Language::English, false) => "I cannot put you through. I can take a message.",
        (Language::German, true) => "Ich verbinde Sie jetzt.",
        (Language::German, false) => {
            "Ich kann Sie nicht verbinden. Ich kann eine Nachricht aufnehmen."
        }
        (Language::Spanish, true) => "Le paso ahora.",
        (Language::Spanish, false) => "No puedo pasarle. Puedo tomar un recado.",
        (Language::French, true) => "Je vous mets en relation.",
        (Language::French, false) => {
            "Je ne peux pas transférer l'appel. Je peux prendre un message."
        }
        (Language::Portuguese, true) => "Vou transferir a chamada.",
        (Language::Portuguese, false) => "Não posso transferir a chamada. Posso anotar um recado.",
        (Language::Italian, true) => "La metto in contatto.",
        (Language::Italian, false) => {
            "Non posso trasferire la chiamata. Posso prendere un messaggio."
        }
    }
}
