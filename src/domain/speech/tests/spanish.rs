//! Spanish, case by case.

use super::{
    try_choices, try_days, try_emails, try_lengths, try_lists, try_numbers, try_phones, try_prices,
    try_ranges, try_times, try_weeks,
};
use crate::domain::language::Language;
use crate::domain::speech::Conjunction;

const ES: Language = Language::Spanish;

#[test]
fn times_are_said_as_people_say_them() {
    try_times(
        ES,
        &[
            (0, 0, "a medianoche"),
            (0, 5, "a las doce y cinco de la noche"),
            (0, 30, "a las doce y media de la noche"),
            (0, 45, "a la una menos cuarto de la noche"),
            (1, 0, "a la una de la madrugada"),
            (5, 15, "a las cinco y cuarto de la madrugada"),
            (9, 0, "a las nueve de la mañana"),
            (9, 1, "a las nueve y uno de la mañana"),
            (9, 10, "a las nueve y diez de la mañana"),
            (9, 30, "a las nueve y media de la mañana"),
            (9, 45, "a las diez menos cuarto de la mañana"),
            (11, 45, "a las doce menos cuarto de la mañana"),
            (12, 0, "a las doce del mediodía"),
            (12, 30, "a las doce y media del mediodía"),
            (12, 45, "a la una menos cuarto de la tarde"),
            (13, 0, "a la una de la tarde"),
            (14, 15, "a las dos y cuarto de la tarde"),
            (19, 21, "a las siete y veintiuno de la tarde"),
            (20, 0, "a las ocho de la noche"),
            (21, 35, "a las nueve y treinta y cinco de la noche"),
            (23, 45, "a las doce menos cuarto de la noche"),
        ],
    );
}

#[test]
fn days_are_said_as_near_as_they_are() {
    try_days(
        ES,
        &[
            (-1, "el domingo dieciocho de enero"),
            (0, "hoy"),
            (1, "mañana"),
            (2, "pasado mañana"),
            (3, "el jueves"),
            (6, "el domingo"),
            (7, "el lunes veintiséis de enero"),
            (12, "el sábado treinta y uno de enero"),
            (13, "el domingo primero de febrero"),
            (33, "el sábado veintiuno de febrero"),
        ],
    );
}

#[test]
fn slots_of_one_day_name_it_once() {
    try_choices(
        ES,
        &[
            (&["19T08:30"], "mañana a las nueve y media de la mañana"),
            (&["20T23:00"], "el miércoles a medianoche"),
            (
                &["21T08:00", "21T12:00"],
                "el miércoles a las nueve de la mañana o a la una de la tarde",
            ),
            (
                &["21T08:00", "21T11:00", "21T13:30"],
                "el miércoles a las nueve de la mañana, a las doce del mediodía \
                 o a las dos y media de la tarde",
            ),
            (
                &["18T13:00", "20T08:00"],
                "hoy a las dos de la tarde o pasado mañana a las nueve de la mañana",
            ),
            (
                &["18T13:00", "18T14:00", "19T08:00"],
                "hoy a las dos de la tarde o a las tres de la tarde, \
                 o mañana a las nueve de la mañana",
            ),
            (
                &["18T13:00", "19T08:00", "26T15:00"],
                "hoy a las dos de la tarde, mañana a las nueve de la mañana \
                 o el lunes veintiséis de enero a las cuatro de la tarde",
            ),
        ],
    );
}

#[test]
fn numbers_are_said_in_words() {
    try_numbers(
        ES,
        &[
            (0, "cero"),
            (1, "uno"),
            (16, "dieciséis"),
            (21, "veintiuno"),
            (31, "treinta y uno"),
            (42, "cuarenta y dos"),
            (100, "cien"),
            (101, "ciento uno"),
            (555, "quinientos cincuenta y cinco"),
            (999, "novecientos noventa y nueve"),
            (1_000, "mil"),
            (1_042, "mil cuarenta y dos"),
            (20_300, "veinte mil trescientos"),
            (21_000, "veintiún mil"),
            (131_000, "ciento treinta y un mil"),
            (1_000_000, "un millón"),
            (2_000_001, "dos millones uno"),
        ],
    );
}

#[test]
fn lengths_of_time_are_said_in_hours_and_minutes() {
    try_lengths(
        ES,
        &[
            (0, "cero minutos"),
            (1, "un minuto"),
            (21, "veintiún minutos"),
            (30, "treinta minutos"),
            (60, "una hora"),
            (90, "una hora y treinta minutos"),
            (121, "dos horas y un minuto"),
            (1_260, "veintiuna horas"),
            (1_440, "veinticuatro horas"),
        ],
    );
}

#[test]
fn lists_end_in_their_conjunction() {
    let three = ["rojo", "verde", "azul"];
    try_lists(
        ES,
        Conjunction::And,
        &[
            (&three[..1], "rojo"),
            (&three[..2], "rojo y verde"),
            (&three, "rojo, verde y azul"),
            (&["Ana", "Isabel"], "Ana e Isabel"),
            (&["Ana", "Hilario"], "Ana e Hilario"),
            (&["agua", "hielo"], "agua y hielo"),
        ],
    );
    try_lists(
        ES,
        Conjunction::Or,
        &[
            (&three, "rojo, verde o azul"),
            (&["Ana", "Óscar"], "Ana u Óscar"),
            (&["mañana", "hoy"], "mañana u hoy"),
        ],
    );
}

#[test]
fn telephone_numbers_are_said_in_even_groups() {
    try_phones(
        ES,
        &[
            ("+4930123", "más cuatro nueve tres cero, uno dos tres"),
            ("+34912345678", "más tres cuatro nueve uno, dos tres cuatro cinco, seis siete ocho"),
        ],
    );
}

#[test]
fn addresses_are_spelled() {
    try_emails(
        ES,
        &[
            ("peña.k", "example.com", "p e ñ a punto k arroba example punto com"),
            ("m_2-b+x", "gmail.es", "m guion bajo dos guion b más x arroba gmail punto e s"),
        ],
    );
}

#[test]
fn prices_are_said_in_units_and_hundredths() {
    try_prices(
        ES,
        &[
            (0, "EUR", "cero euros"),
            (100, "EUR", "un euro"),
            (4_500, "EUR", "cuarenta y cinco euros"),
            (1_250, "EUR", "doce euros con cincuenta"),
            (1_205, "EUR", "doce euros con cinco céntimos"),
            (1, "EUR", "un céntimo"),
            (2_100, "USD", "veintiún dólares"),
            (20_100, "GBP", "doscientas una libras"),
            (-1_200, "CHF", "menos doce francos suizos"),
            (20_000_000, "INR", "doscientas mil rupias"),
            (1_250, "PLN", "doce P L N cincuenta"),
            (100_000_000, "EUR", "un millón de euros"),
        ],
    );
}

#[test]
fn days_of_the_week_with_the_same_hours_are_said_together() {
    try_weeks(
        ES,
        &[
            ("closed", ""),
            (
                "mon-fri 09:00-17:00; sat 10:00-14:00",
                "de lunes a viernes de las nueve de la mañana a las cinco de la tarde \
                 y los sábados de las diez de la mañana a las dos de la tarde",
            ),
            (
                "mon-tue 09:00-12:30 14:00-18:00; sun 10:00-13:00",
                "los lunes y los martes de las nueve de la mañana a las doce y media del mediodía \
                 y de las dos de la tarde a las seis de la tarde, y los domingos de las diez de \
                 la mañana a la una de la tarde",
            ),
            ("daily 08:00-24:00", "todos los días de las ocho de la mañana a medianoche"),
        ],
    );
}

#[test]
fn ranges_of_a_day_are_said_after_one_another() {
    try_ranges(
        ES,
        &[
            (&[(540, 780)], "de las nueve de la mañana a la una de la tarde"),
            (
                &[(0, 60), (780, 1_440)],
                "de medianoche a la una de la madrugada y de la una de la tarde a medianoche",
            ),
        ],
    );
}
