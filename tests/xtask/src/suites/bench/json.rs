//! The results as JSON, with every single figure.

use super::Plan;
use super::faults::Faults;
use super::figures::{Middle, Row, middle};
use super::machine::Machine;

/// One object: the machine, what was measured, and what could not be.
pub(super) fn render(
    machine: &Machine,
    plan: &Plan,
    names: &[&str],
    rows: &[Row],
    faults: &Faults,
) -> String {
    let rows = rows.iter().map(|row| {
        let servers = (0..names.len()).map(|who| (names[who], server(row, who)));
        object([
            ("workload", string(&row.title)),
            ("unit", string(row.unit)),
            ("servers", object(servers)),
        ])
    });
    let faults = faults.texts().map(string);
    let mut text = object([
        ("plan", string(plan.name)),
        ("rounds", plan.rounds.to_string()),
        ("warm_up_s", plan.warm_up.as_secs_f64().to_string()),
        ("window_s", plan.window.as_secs_f64().to_string()),
        ("machine", describe(machine)),
        ("rows", array(rows)),
        ("not_measured", array(faults)),
    ]);
    text.push('\n');
    text
}

fn describe(machine: &Machine) -> String {
    let (server, load) = machine.pair().unzip();
    object([
        ("processor", string(&machine.processor)),
        ("processors", machine.processors.len().to_string()),
        ("server_on", optional(server)),
        ("load_on", optional(load)),
        ("kernel", string(&machine.kernel)),
        ("congestion_control", string(&machine.congestion_control)),
        ("compiler", string(&machine.compiler)),
        ("compiler_flags", string(&machine.compiler_flags)),
    ])
}

fn server(row: &Row, who: usize) -> String {
    let middle = |figures| {
        optional(middle(figures).map(|Middle { median, spread }| {
            object([("median", finite(median)), ("spread", finite(spread))])
        }))
    };
    object([
        ("value", middle(row.values(who))),
        ("ratio_to_floor", middle(row.ratios(who))),
        ("values", array(row.values(who).into_iter().map(finite))),
    ])
}

fn object<'a>(members: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let members = members.into_iter().map(|(name, value)| format!("{}: {value}", string(name)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
}

fn array(values: impl Iterator<Item = String>) -> String {
    format!("[{}]", values.collect::<Vec<_>>().join(",\n "))
}

fn optional(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "null".to_owned(), |value| value.to_string())
}

/// A number. JSON has none that is not finite, such as a multiple of nothing.
fn finite(value: f64) -> String {
    optional(value.is_finite().then_some(value))
}

fn string(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\0'..='\x1f' => quoted.push(' '),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}
