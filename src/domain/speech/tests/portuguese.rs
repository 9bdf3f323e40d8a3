//! Portuguese, case by case.

use super::{
    try_choices, try_days, try_emails, try_lengths, try_lists, try_numbers, try_phones, try_prices,
    try_ranges, try_times, try_weeks,
};
use crate::domain::language::Language;
use crate::domain::speech::Conjunction;

const PT: Language = Language::Portuguese;

#[test]
fn times_are_said_as_people_say_them() {
    try_times(
        PT,
        &[
            (0, 0, "à meia-noite"),
            (0, 5, "à meia-noite e cinco"),
            (0, 30, "à meia-noite e meia"),
            (1, 0, "à uma da madrugada"),
            (5, 15, "às cinco e quinze da madrugada"),
            (9, 0, "às nove da manhã"),
            (9, 1, "às nove e um da manhã"),
            (9, 10, "às nove e dez da manhã"),
            (9, 30, "às nove e meia da manhã"),
            (9, 45, "às nove e quarenta e cinco da manhã"),
            (12, 0, "ao meio-dia"),
            (12, 15, "ao meio-dia e quinze"),
            (12, 30, "ao meio-dia e meia"),
            (13, 0, "à uma da tarde"),
            (14, 15, "às duas e quinze da tarde"),
            (18, 30, "às seis e meia da tarde"),
            (19, 0, "às sete da noite"),
            (19, 22, "às sete e vinte e dois da noite"),
            (22, 5, "às dez e cinco da noite"),
            (23, 45, "às onze e quarenta e cinco da noite"),
        ],
    );
}

#[test]
fn days_are_said_as_near_as_they_are() {
    try_days(
        PT,
        &[
            (-1, "no domingo, dezoito de janeiro"),
            (0, "hoje"),
            (1, "amanhã"),
            (2, "depois de amanhã"),
            (3, "na quinta-feira"),
            (5, "no sábado"),
            (6, "no domingo"),
            (7, "na segunda-feira, vinte e seis de janeiro"),
            (12, "no sábado, trinta e um de janeiro"),
            (13, "no domingo, primeiro de fevereiro"),
        ],
    );
}

#[test]
fn slots_of_one_day_name_it_once() {
    try_choices(
        PT,
        &[
            (&["19T08:30"], "amanhã às nove e meia da manhã"),
            (&["20T23:00"], "na quarta-feira à meia-noite"),
            (&["21T08:00", "21T12:00"], "na quarta-feira às nove da manhã ou à uma da tarde"),
            (
                &["21T08:00", "21T11:00", "21T13:30"],
                "na quarta-feira às nove da manhã, ao meio-dia ou às duas e meia da tarde",
            ),
            (
                &["18T13:00", "20T08:00"],
                "hoje às duas da tarde ou depois de amanhã às nove da manhã",
            ),
            (
                &["18T13:00", "18T14:00", "19T08:00"],
                "hoje às duas da tarde ou às três da tarde, ou amanhã às nove da manhã",
            ),
            (
                &["18T13:00", "19T08:00", "26T15:00"],
                "hoje às duas da tarde, amanhã às nove da manhã \
                 ou na segunda-feira, vinte e seis de janeiro às quatro da tarde",
            ),
        ],
    );
}

#[test]
fn numbers_are_said_in_words() {
    try_numbers(
        PT,
        &[
            (0, "zero"),
            (1, "um"),
            (16, "dezesseis"),
            (21, "vinte e um"),
            (42, "quarenta e dois"),
            (100, "cem"),
            (101, "cento e um"),
            (200, "duzentos"),
            (999, "novecentos e noventa e nove"),
            (1_000, "mil"),
            (1_042, "mil e quarenta e dois"),
            (1_100, "mil e cem"),
            (1_234, "mil duzentos e trinta e quatro"),
            (20_300, "vinte mil e trezentos"),
            (1_000_000, "um milhão"),
            (2_000_001, "dois milhões e um"),
            (2_300_000, "dois milhões e trezentos mil"),
            (2_300_500, "dois milhões trezentos mil e quinhentos"),
        ],
    );
}

#[test]
fn lengths_of_time_are_said_in_hours_and_minutes() {
    try_lengths(
        PT,
        &[
            (0, "zero minutos"),
            (1, "um minuto"),
            (21, "vinte e um minutos"),
            (30, "trinta minutos"),
            (60, "uma hora"),
            (90, "uma hora e trinta minutos"),
            (121, "duas horas e um minuto"),
            (1_320, "vinte e duas horas"),
            (1_440, "vinte e quatro horas"),
        ],
    );
}

#[test]
fn lists_end_in_their_conjunction() {
    let three = ["vermelho", "verde", "azul"];
    try_lists(
        PT,
        Conjunction::And,
        &[
            (&three[..1], "vermelho"),
            (&three[..2], "vermelho e verde"),
            (&three, "vermelho, verde e azul"),
        ],
    );
    try_lists(PT, Conjunction::Or, &[(&three, "vermelho, verde ou azul")]);
}

#[test]
fn telephone_numbers_are_said_in_even_groups() {
    try_phones(
        PT,
        &[
            ("+4930123", "mais quatro nove três zero, um dois três"),
            ("+351212345678", "mais três cinco um dois, um dois três quatro, cinco seis sete oito"),
        ],
    );
}

#[test]
fn addresses_are_spelled() {
    try_emails(
        PT,
        &[
            ("joão.k", "example.com", "j o ã o ponto k arroba example ponto com"),
            ("m_2-b+x", "hotmail.pt", "m sublinhado dois hífen b mais x arroba hotmail ponto p t"),
        ],
    );
}

#[test]
fn prices_are_said_in_units_and_hundredths() {
    try_prices(
        PT,
        &[
            (0, "EUR", "zero euros"),
            (100, "EUR", "um euro"),
            (4_500, "EUR", "quarenta e cinco euros"),
            (1_250, "EUR", "doze euros e cinquenta"),
            (1_205, "EUR", "doze euros e cinco cêntimos"),
            (1, "USD", "um centavo"),
            (20_200, "GBP", "duzentas e duas libras"),
            (-1_200, "CHF", "menos doze francos suíços"),
            (200_000, "INR", "duas mil rupias"),
            (1_250, "PLN", "doze P L N cinquenta"),
            (100_000_000, "EUR", "um milhão de euros"),
        ],
    );
}

#[test]
fn days_of_the_week_with_the_same_hours_are_said_together() {
    try_weeks(
        PT,
        &[
            ("closed", ""),
            (
                "mon-fri 09:00-17:00; sat 10:00-14:00",
                "de segunda a sexta-feira das nove da manhã às cinco da tarde \
                 e aos sábados das dez da manhã às duas da tarde",
            ),
            (
                "mon-tue 09:00-12:30 14:00-18:00; sun 10:00-12:00",
                "às segundas-feiras e às terças-feiras das nove da manhã ao meio-dia e meia e das \
                 duas da tarde às seis da tarde, e aos domingos das dez da manhã ao meio-dia",
            ),
            ("fri-sun 12:00-18:00", "de sexta a domingo do meio-dia às seis da tarde"),
            ("daily 08:00-24:00", "todos os dias das oito da manhã à meia-noite"),
        ],
    );
}

#[test]
fn ranges_of_a_day_are_said_after_one_another() {
    try_ranges(
        PT,
        &[
            (&[(540, 750)], "das nove da manhã ao meio-dia e meia"),
            (
                &[(0, 60), (780, 1_440)],
                "da meia-noite à uma da madrugada e da uma da tarde à meia-noite",
            ),
        ],
    );
}
