//! Italian, case by case.

use super::{
    try_choices, try_days, try_emails, try_lengths, try_lists, try_numbers, try_phones, try_prices,
    try_ranges, try_times, try_weeks,
};
use crate::domain::language::Language;
use crate::domain::speech::Conjunction;

const IT: Language = Language::Italian;

#[test]
fn times_are_said_as_people_say_them() {
    try_times(
        IT,
        &[
            (0, 0, "a mezzanotte"),
            (0, 5, "a mezzanotte e cinque"),
            (0, 30, "a mezzanotte e mezza"),
            (0, 45, "all'una meno un quarto di notte"),
            (1, 0, "all'una di notte"),
            (4, 15, "alle quattro e un quarto del mattino"),
            (9, 0, "alle nove del mattino"),
            (9, 1, "alle nove e uno del mattino"),
            (9, 10, "alle nove e dieci del mattino"),
            (9, 30, "alle nove e mezza del mattino"),
            (9, 45, "alle dieci meno un quarto del mattino"),
            (11, 45, "a mezzogiorno meno un quarto"),
            (12, 0, "a mezzogiorno"),
            (12, 15, "a mezzogiorno e un quarto"),
            (12, 30, "a mezzogiorno e mezzo"),
            (12, 45, "all'una meno un quarto del pomeriggio"),
            (14, 15, "alle due e un quarto del pomeriggio"),
            (17, 28, "alle cinque e ventotto del pomeriggio"),
            (19, 0, "alle sette di sera"),
            (22, 23, "alle dieci e ventitré di sera"),
            (23, 45, "a mezzanotte meno un quarto"),
        ],
    );
}

#[test]
fn days_are_said_as_near_as_they_are() {
    try_days(
        IT,
        &[
            (-1, "domenica diciotto gennaio"),
            (0, "oggi"),
            (1, "domani"),
            (2, "dopodomani"),
            (3, "giovedì"),
            (6, "domenica"),
            (7, "lunedì ventisei gennaio"),
            (12, "sabato trentuno gennaio"),
            (13, "domenica primo febbraio"),
            (35, "lunedì ventitré febbraio"),
        ],
    );
}

#[test]
fn slots_of_one_day_name_it_once() {
    try_choices(
        IT,
        &[
            (&["19T08:30"], "domani alle nove e mezza del mattino"),
            (&["20T23:00"], "mercoledì a mezzanotte"),
            (&["21T08:00", "21T12:00"], "mercoledì alle nove del mattino o all'una del pomeriggio"),
            (
                &["21T08:00", "21T11:00", "21T13:30"],
                "mercoledì alle nove del mattino, a mezzogiorno o alle due e mezza del pomeriggio",
            ),
            (
                &["18T13:00", "20T08:00"],
                "oggi alle due del pomeriggio o dopodomani alle nove del mattino",
            ),
            (
                &["18T13:00", "18T14:00", "19T08:00"],
                "oggi alle due del pomeriggio o alle tre del pomeriggio, \
                 o domani alle nove del mattino",
            ),
            (
                &["18T13:00", "19T08:00", "26T15:00"],
                "oggi alle due del pomeriggio, domani alle nove del mattino \
                 o lunedì ventisei gennaio alle quattro del pomeriggio",
            ),
        ],
    );
}

#[test]
fn numbers_are_said_in_words() {
    try_numbers(
        IT,
        &[
            (0, "zero"),
            (3, "tre"),
            (21, "ventuno"),
            (28, "ventotto"),
            (33, "trentatré"),
            (42, "quarantadue"),
            (100, "cento"),
            (101, "centouno"),
            (108, "centotto"),
            (180, "centottanta"),
            (303, "trecentotré"),
            (999, "novecentonovantanove"),
            (1_000, "mille"),
            (1_042, "millequarantadue"),
            (20_300, "ventimilatrecento"),
            (23_000, "ventitremila"),
            (1_000_000, "un milione"),
            (2_000_003, "due milioni e tre"),
            (23_500_000, "ventitré milioni cinquecentomila"),
        ],
    );
}

#[test]
fn lengths_of_time_are_said_in_hours_and_minutes() {
    try_lengths(
        IT,
        &[
            (0, "zero minuti"),
            (1, "un minuto"),
            (21, "ventuno minuti"),
            (30, "trenta minuti"),
            (60, "un'ora"),
            (90, "un'ora e trenta minuti"),
            (121, "due ore e un minuto"),
            (1_440, "ventiquattro ore"),
        ],
    );
}

#[test]
fn lists_end_in_their_conjunction() {
    let three = ["rosso", "verde", "blu"];
    try_lists(
        IT,
        Conjunction::And,
        &[
            (&three[..1], "rosso"),
            (&three[..2], "rosso e verde"),
            (&three, "rosso, verde e blu"),
            (&["Ugo", "Elena"], "Ugo ed Elena"),
        ],
    );
    try_lists(IT, Conjunction::Or, &[(&three, "rosso, verde o blu")]);
}

#[test]
fn telephone_numbers_are_said_in_even_groups() {
    try_phones(
        IT,
        &[
            ("+4930123", "più quattro nove tre zero, uno due tre"),
            ("+390612345678", "più tre nove zero sei, uno due tre quattro, cinque sei sette otto"),
        ],
    );
}

#[test]
fn addresses_are_spelled() {
    try_emails(
        IT,
        &[
            ("niccolò.k", "example.com", "n i c c o l ò punto k chiocciola example punto com"),
            (
                "m_2-b+x",
                "outlook.it",
                "m trattino basso due trattino b più x chiocciola outlook punto i t",
            ),
        ],
    );
}

#[test]
fn prices_are_said_in_units_and_hundredths() {
    try_prices(
        IT,
        &[
            (0, "EUR", "zero euro"),
            (100, "EUR", "un euro"),
            (4_500, "EUR", "quarantacinque euro"),
            (1_250, "EUR", "dodici euro e cinquanta"),
            (1_205, "EUR", "dodici euro e cinque centesimi"),
            (1, "EUR", "un centesimo"),
            (2_300, "USD", "ventitré dollari"),
            (100, "GBP", "una sterlina"),
            (-1_200, "CHF", "meno dodici franchi svizzeri"),
            (20_000, "INR", "duecento rupie"),
            (1_250, "PLN", "dodici P L N cinquanta"),
            (100_000_000, "EUR", "un milione di euro"),
        ],
    );
}

#[test]
fn days_of_the_week_with_the_same_hours_are_said_together() {
    try_weeks(
        IT,
        &[
            ("closed", ""),
            (
                "mon-fri 09:00-17:00; sat 10:00-14:00",
                "dal lunedì al venerdì dalle nove del mattino alle cinque del pomeriggio \
                 e il sabato dalle dieci del mattino alle due del pomeriggio",
            ),
            (
                "mon-tue 09:00-12:30 14:00-18:00; sun 10:00-12:00",
                "il lunedì e il martedì dalle nove del mattino a mezzogiorno e mezzo e dalle due \
                 del pomeriggio alle sei di sera, e la domenica dalle dieci del mattino a \
                 mezzogiorno",
            ),
            (
                "fri-sun 12:00-13:00",
                "dal venerdì alla domenica da mezzogiorno all'una del pomeriggio",
            ),
            ("daily 08:00-24:00", "tutti i giorni dalle otto del mattino a mezzanotte"),
        ],
    );
}

#[test]
fn ranges_of_a_day_are_said_after_one_another() {
    try_ranges(
        IT,
        &[
            (&[(540, 750)], "dalle nove del mattino a mezzogiorno e mezzo"),
            (
                &[(60, 120), (780, 1_440)],
                "dall'una di notte alle due di notte e dall'una del pomeriggio a mezzanotte",
            ),
        ],
    );
}
