//! The benchmark: this library beside the floor (bare TCP), a hand-written minimum and other
//! libraries, by the processor time that a server takes and by its memory.
//!
//! Server and load have a processor each, and every measurement is of a fresh server. The servers
//! take turns within a round, in another order each round, and are compared with the floor of the
//! same round: so a machine that changes its pace changes it for all.

mod contestants;
mod figures;
mod json;
mod machine;
mod plots;
mod publish;
mod running;
mod scale;
mod table;
mod workloads;

use std::time::Duration;

use crate::outcome::{Failure, Outcome};
use crate::workspace::Workspace;

use contestants::{ALL, Contestant};
use figures::Row;
use machine::Machine;
use publish::Results;
use running::Bench;
use workloads::Workload;

/// How much is measured.
pub(super) struct Plan {
    name: &'static str,
    workloads: &'static [Workload],
    rounds: usize,
    warm_up: Duration,
    window: Duration,
    /// Whether the README shows it.
    is_published: bool,
}

/// What the README's figures come from. Within 25 minutes on two processors, once all is built.
const FULL: Plan = Plan {
    name: "full",
    workloads: workloads::FULL,
    rounds: 7,
    warm_up: Duration::from_millis(200),
    window: Duration::from_millis(600),
    is_published: true,
};

/// Enough to see whether a change helps.
const QUICK: Plan = Plan {
    name: "quick",
    workloads: workloads::QUICK,
    rounds: 3,
    warm_up: Duration::from_millis(150),
    window: Duration::from_millis(350),
    is_published: false,
};

/// Measures everything.
pub(crate) fn full(workspace: &Workspace) -> Outcome {
    run(workspace, &FULL)
}

/// Measures the most telling workloads, within three minutes once all is built.
pub(crate) fn quick(workspace: &Workspace) -> Outcome {
    run(workspace, &QUICK)
}

/// Opens as many connections as the machine holds.
pub(crate) fn scale(workspace: &Workspace) -> Outcome {
    scale::run(workspace)
}

fn run(workspace: &Workspace, plan: &Plan) -> Outcome {
    let machine = Machine::look(workspace)?;
    println!("{machine}");
    let mut faults = Faults::default();
    let contestants = contestants::build(workspace, &mut faults)?;
    let bench = Bench::new(workspace, &machine, plan)?;
    let rows = measure(&bench, plan, &contestants, &mut faults);

    let names: Vec<&str> = contestants.iter().map(|contestant| contestant.name).collect();
    println!("\n{}", table::render(&names, &rows));
    faults.print();
    let results = Results { machine: &machine, plan, names: &names, rows: &rows, faults: &faults };
    results.write(workspace)?;
    let outcome = faults.judge(plan)?;
    if plan.is_published {
        results.publish(workspace)?;
    }
    Ok(outcome)
}

/// Measures every contestant under every workload in every round.
fn measure(
    bench: &Bench<'_>,
    plan: &Plan,
    contestants: &[&Contestant],
    faults: &mut Faults,
) -> Vec<Row> {
    let mut rows: Vec<Row> = plan.workloads.iter().flat_map(Workload::rows).collect();
    for round in 0..plan.rounds {
        let mut row = 0;
        for (number, workload) in plan.workloads.iter().enumerate() {
            let width = workload.rows().len();
            if round < workload.rounds(plan.rounds) {
                println!("round {} of {}: {}", round + 1, plan.rounds, workload.title());
                for turn in 0..contestants.len() {
                    let turn = (turn + round + number) % contestants.len();
                    match bench.measure(contestants[turn], workload) {
                        Ok(values) => {
                            for (row, value) in rows[row..row + width].iter_mut().zip(values) {
                                row.record(round, contestants.len(), turn, value);
                            }
                        }
                        Err(failure) => faults.add(contestants[turn], &workload.title(), &failure),
                    }
                }
            }
            row += width;
        }
    }
    rows
}

/// What could not be built or measured. Nobody is left out in silence.
#[derive(Default)]
struct Faults(Vec<Fault>);

struct Fault {
    contestant: &'static str,
    is_peer: bool,
    text: String,
}

impl Faults {
    fn add(&mut self, contestant: &Contestant, what: &str, failure: &Failure) {
        let text = format!("{}, {what}: {}", contestant.name, failure.reason());
        println!("{text}");
        if !self.0.iter().any(|fault| fault.text == text) {
            self.0.push(Fault { contestant: contestant.name, is_peer: contestant.is_peer, text });
        }
    }

    fn print(&self) {
        for fault in &self.0 {
            println!("not measured: {}", fault.text);
        }
    }

    /// A peer's fault is worth a note; one of ours is a failure.
    fn judge(&self, plan: &Plan) -> Outcome {
        let ours = self.0.iter().filter(|fault| !fault.is_peer);
        let ours: Vec<_> = ours.map(|fault| Failure::failed(fault.text.clone())).collect();
        Failure::all(&ours)?;
        let mut peers: Vec<&str> = self.0.iter().map(|fault| fault.contestant).collect();
        peers.dedup();
        let servers = ALL.len();
        Ok(match peers.as_slice() {
            [] => format!("{servers} servers, {} rounds", plan.rounds),
            peers => format!("{servers} servers, not all of: {}", peers.join(", ")),
        })
    }
}
