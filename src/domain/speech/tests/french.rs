//! French, case by case.

use super::{
    try_choices, try_days, try_emails, try_lengths, try_lists, try_numbers, try_phones, try_prices,
    try_ranges, try_times, try_weeks,
};
use crate::domain::language::Language;
use crate::domain::speech::Conjunction;

const FR: Language = Language::French;

#[test]
fn times_are_said_as_people_say_them() {
    try_times(
        FR,
        &[
            (0, 0, "minuit"),
            (0, 5, "minuit cinq"),
            (0, 30, "minuit et demi"),
            (0, 45, "une heure moins le quart du matin"),
            (1, 0, "une heure du matin"),
            (7, 30, "sept heures et demie du matin"),
            (7, 45, "huit heures moins le quart du matin"),
            (9, 0, "neuf heures"),
            (9, 1, "neuf heures une"),
            (9, 10, "neuf heures dix"),
            (9, 15, "neuf heures et quart"),
            (9, 30, "neuf heures et demie"),
            (9, 45, "dix heures moins le quart"),
            (11, 45, "midi moins le quart"),
            (12, 0, "midi"),
            (12, 15, "midi et quart"),
            (12, 30, "midi et demi"),
            (12, 45, "midi quarante-cinq"),
            (14, 0, "quatorze heures"),
            (14, 30, "quatorze heures trente"),
            (16, 45, "seize heures quarante-cinq"),
            (21, 21, "vingt et une heures vingt et une"),
            (23, 45, "vingt-trois heures quarante-cinq"),
        ],
    );
}

#[test]
fn days_are_said_as_near_as_they_are() {
    try_days(
        FR,
        &[
            (-1, "dimanche dix-huit janvier"),
            (0, "aujourd'hui"),
            (1, "demain"),
            (2, "après-demain"),
            (3, "jeudi"),
            (6, "dimanche"),
            (7, "lundi vingt-six janvier"),
            (12, "samedi trente et un janvier"),
            (13, "dimanche premier février"),
            (33, "samedi vingt et un février"),
        ],
    );
}

#[test]
fn slots_of_one_day_name_it_once() {
    try_choices(
        FR,
        &[
            (&["19T08:30"], "demain à neuf heures et demie"),
            (&["20T23:00"], "mercredi à minuit"),
            (&["21T08:00", "21T11:00"], "mercredi à neuf heures ou à midi"),
            (
                &["21T08:00", "21T10:00", "21T13:30"],
                "mercredi à neuf heures, à onze heures ou à quatorze heures trente",
            ),
            (
                &["18T13:00", "20T08:00"],
                "aujourd'hui à quatorze heures ou après-demain à neuf heures",
            ),
            (
                &["18T13:00", "18T14:00", "19T08:00"],
                "aujourd'hui à quatorze heures ou à quinze heures, ou demain à neuf heures",
            ),
            (
                &["18T13:00", "19T08:00", "26T15:00"],
                "aujourd'hui à quatorze heures, demain à neuf heures \
                 ou lundi vingt-six janvier à seize heures",
            ),
        ],
    );
}

#[test]
fn numbers_are_said_in_words() {
    try_numbers(
        FR,
        &[
            (0, "zéro"),
            (1, "un"),
            (17, "dix-sept"),
            (21, "vingt et un"),
            (42, "quarante-deux"),
            (70, "soixante-dix"),
            (71, "soixante et onze"),
            (72, "soixante-douze"),
            (80, "quatre-vingts"),
            (81, "quatre-vingt-un"),
            (91, "quatre-vingt-onze"),
            (99, "quatre-vingt-dix-neuf"),
            (100, "cent"),
            (101, "cent un"),
            (200, "deux cents"),
            (205, "deux cent cinq"),
            (1_042, "mille quarante-deux"),
            (3_000, "trois mille"),
            (80_000, "quatre-vingt mille"),
            (200_300, "deux cent mille trois cents"),
            (1_000_000, "un million"),
            (2_000_001, "deux millions un"),
            (200_000_000, "deux cents millions"),
        ],
    );
}

#[test]
fn lengths_of_time_are_said_in_hours_and_minutes() {
    try_lengths(
        FR,
        &[
            (0, "zéro minute"),
            (1, "une minute"),
            (21, "vingt et une minutes"),
            (30, "trente minutes"),
            (60, "une heure"),
            (90, "une heure et trente minutes"),
            (121, "deux heures et une minute"),
            (1_440, "vingt-quatre heures"),
        ],
    );
}

#[test]
fn lists_end_in_their_conjunction() {
    let three = ["rouge", "vert", "bleu"];
    try_lists(
        FR,
        Conjunction::And,
        &[(&three[..1], "rouge"), (&three[..2], "rouge et vert"), (&three, "rouge, vert et bleu")],
    );
    try_lists(FR, Conjunction::Or, &[(&three, "rouge, vert ou bleu")]);
}

#[test]
fn telephone_numbers_are_said_in_even_groups() {
    try_phones(
        FR,
        &[
            ("+4930123", "plus quatre neuf trois zéro, un deux trois"),
            ("+33123456789", "plus trois trois un deux, trois quatre cinq six, sept huit neuf"),
        ],
    );
}

#[test]
fn addresses_are_spelled() {
    try_emails(
        FR,
        &[
            ("zoé.k", "example.com", "z o é point k arobase example point com"),
            ("m_2-b+x", "yahoo.fr", "m tiret bas deux tiret b plus x arobase yahoo point f r"),
        ],
    );
}

#[test]
fn prices_are_said_in_units_and_hundredths() {
    try_prices(
        FR,
        &[
            (0, "EUR", "zéro euro"),
            (100, "EUR", "un euro"),
            (4_500, "EUR", "quarante-cinq euros"),
            (1_250, "EUR", "douze euros cinquante"),
            (1_205, "EUR", "douze euros et cinq centimes"),
            (1, "EUR", "un centime"),
            (8_000, "USD", "quatre-vingts dollars"),
            (2_100, "GBP", "vingt et une livres"),
            (-1_200, "CHF", "moins douze francs suisses"),
            (100, "INR", "une roupie"),
            (1_250, "PLN", "douze P L N cinquante"),
            (100_000_000, "EUR", "un million d'euros"),
            (200_000_000, "USD", "deux millions de dollars"),
        ],
    );
}

#[test]
fn days_of_the_week_with_the_same_hours_are_said_together() {
    try_weeks(
        FR,
        &[
            ("closed", ""),
            (
                "mon-fri 09:00-17:00; sat 10:00-14:00",
                "du lundi au vendredi de neuf heures à dix-sept heures \
                 et le samedi de dix heures à quatorze heures",
            ),
            (
                "mon-tue 09:00-12:30 14:00-18:00; sun 10:00-12:00",
                "le lundi et le mardi de neuf heures à midi et demi et de quatorze heures à \
                 dix-huit heures, et le dimanche de dix heures à midi",
            ),
            ("daily 08:00-24:00", "tous les jours de huit heures à minuit"),
        ],
    );
}

#[test]
fn ranges_of_a_day_are_said_after_one_another() {
    try_ranges(
        FR,
        &[
            (&[(540, 750)], "de neuf heures à midi et demi"),
            (
                &[(60, 120), (720, 1_440)],
                "d'une heure du matin à deux heures du matin et de midi à minuit",
            ),
        ],
    );
}
