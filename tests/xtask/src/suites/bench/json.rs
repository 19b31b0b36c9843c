//! The results as JSON, with every single figure.

use serde_json::{Map, Value, json};

use super::Plan;
use super::faults::Faults;
use super::figures::{Middle, Row, middle};
use super::machine::Machine;

/// Returns one object: the machine, what was measured, and what could not be.
pub(super) fn render(
    machine: &Machine,
    plan: &Plan,
    names: &[&str],
    rows: &[Row],
    faults: &Faults,
) -> String {
    let rows: Vec<Value> = rows.iter().map(|row| workload(row, names)).collect();
    let results = json!({
        "plan": plan.name,
        "rounds": plan.rounds,
        "warm_up_s": plan.warm_up.as_secs_f64(),
        "window_s": plan.window.as_secs_f64(),
        "machine": describe(machine),
        "rows": rows,
        "not_measured": faults.texts().collect::<Vec<_>>(),
    });
    format!("{results:#}\n")
}

fn describe(machine: &Machine) -> Value {
    let (server, load) = machine.pair().unzip();
    json!({
        "processor": machine.processor,
        "processors": machine.processors.len(),
        "server_on": server,
        "load_on": load,
        "kernel": machine.kernel,
        "congestion_control": machine.congestion_control,
        "compiler": machine.compiler,
        "compiler_flags": machine.compiler_flags,
    })
}

fn workload(row: &Row, names: &[&str]) -> Value {
    let servers: Map<String, Value> =
        names.iter().enumerate().map(|(who, &name)| (name.to_owned(), server(row, who))).collect();
    json!({ "workload": row.title, "unit": row.unit, "servers": servers })
}

/// A figure that is not finite, such as a multiple of nothing, is `null`.
fn server(row: &Row, who: usize) -> Value {
    let middle = |figures| {
        middle(figures)
            .map(|Middle { median, spread }| json!({ "median": median, "spread": spread }))
    };
    json!({
        "value": middle(row.values(who)),
        "ratio_to_floor": middle(row.ratios(who)),
        "values": row.values(who),
    })
}
